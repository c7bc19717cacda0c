"""Names and numbers a hostile caller may show, with what each is aimed at (SECURITY V03-V06, V10, V25)."""

from __future__ import annotations

from dataclasses import dataclass

#: A datagram of this size still fits the loopback; longer names are cut by nobody on the way.
_LONG = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """One text and the reader it is meant to fool."""

    text: str
    aim: str
    #: False: Asterisk 22.10 drops the whole datagram (pjproject: "syntax error … parsing 'From' header") and the
    #: caller is never answered. What then counts is that nobody else's call suffers.
    arrives: bool = True


#: For the display name of From.
HOSTILE_NAMES = (
    Hostile(text='a" <sip:03069990999@127.0.0.1>;x="', aim="SIP: ends the quoted name early"),
    Hostile(text="back\\slash\\", aim="SIP: escapes the closing quote"),
    Hostile(text="a\r\nX-Injected: yes", aim="SIP and AMI: a line of its own", arrives=False),
    Hostile(text="a\r\nAction: Command\r\nCommand: core stop now\r\n", aim="AMI: an action of its own", arrives=False),
    Hostile(text="a\nSET VARIABLE x y", aim="AGI: a command of its own", arrives=False),
    Hostile(text="${SHELL(id)}", aim="dialplan: expanded a second time"),
    Hostile(text="$[1+1]${EVAL(${CALLERID(num)})}", aim="dialplan: expression"),
    Hostile(text="a,b|c&Local/x@agents", aim="dialplan: more arguments, more channels"),
    Hostile(text="a&b", aim="Dial(): a second destination"),
    Hostile(text=",", aim="dialplan: an argument's end"),
    Hostile(text='"; DROP TABLE facts; --', aim="SQL"),
    Hostile(text="' OR '1'='1", aim="SQL"),
    Hostile(text="<script>alert(1)</script>", aim="HTML"),
    Hostile(text="<b>&lt;</b>", aim="HTML: escaped once or twice"),
    Hostile(text="../../x", aim="file names"),
    Hostile(text="a/b\\c:d", aim="file names"),
    Hostile(text="=cmd|'/C calc'!A0", aim="spreadsheets"),
    Hostile(text="@SUM(1+1)", aim="spreadsheets"),
    Hostile(text="x" * _LONG, aim="fixed buffers and columns"),
    Hostile(text="Siân Llŷr ŵ 日本 🏛", aim="readers that take bytes for characters"),
    Hostile(text="\u202egnp.exe", aim="screens: right-to-left override"),
    Hostile(text="a\u0000b", aim="C strings"),
    Hostile(text="\u001b[2J\u001b[31mred", aim="terminals that show a log"),
    Hostile(text='{"ev":"end","call":"x"}', aim="JSON lines"),
    Hostile(text="%n%s%s%s", aim="printf formats"),
    Hostile(text="anonymous", aim="words with a meaning of their own"),
)

#: For the user part of From: what then stands as the caller's number. Percent escapes carry anything there, line
#: breaks too: Asterisk 22.10 hands ``CALLERID(num)`` on with CR and LF in it (tried).
HOSTILE_NUMBERS = (
    Hostile(text="01632960001&PJSIP/a001", aim="Dial(): a second destination (CVE-2010-0685)"),
    Hostile(text="01632960001,30,g", aim="dialplan: more arguments"),
    Hostile(text="${SHELL(id)}", aim="dialplan: expanded a second time"),
    Hostile(text='"; DROP TABLE facts; --', aim="SQL"),
    Hostile(text="<script>", aim="HTML"),
    Hostile(text="../../x", aim="file names"),
    Hostile(text="=1+1", aim="spreadsheets"),
    Hostile(text="a\r\nX-Injected: yes", aim="AMI: a line of its own"),
    Hostile(text="9" * _LONG, aim="fixed buffers and columns"),
    Hostile(text="ŵ", aim="readers that take bytes for characters"),
    Hostile(text="-1", aim="options"),
    Hostile(text="+", aim="number parsers"),
)
