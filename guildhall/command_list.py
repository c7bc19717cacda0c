"""Every command: the module that brings it, and its first sentence, so that `--help` need not read thirty modules.

The sentence is the command's own docstring's: `tests/guildhall/test_on_demand.py` holds them to one another.
"""

from __future__ import annotations

from guildhall.on_demand import Row

#: Name -> where it lies and what it does, in the order of the help.
COMMANDS = {
    "up": Row(
        "guildhall.service_cli",
        "Start Asterisk and the engine; ends when a call can be placed and says which numbers to dial.",
    ),
    "down": Row(
        "guildhall.service_cli",
        "Stop what 'guildhall up' started in this checkout, and nothing else. Calls under way end.",
    ),
    "status": Row("guildhall.state_cli", "Say what runs: processes, agents, waiting calls."),
    "doctor": Row(
        "guildhall.service_cli", "Look at everything; say what is wrong and what to do. Exit 1 when something is."
    ),
    "town": Row(
        "guildhall.service_cli",
        "Who can be called, by whom, through what: numbers, queues, agents, ports, password files.",
    ),
    "call": Row(
        "guildhall.service_cli", "Place one demonstration call with our own phones and tell its life, a line a step."
    ),
    "facts": Row("guildhall.state_cli", "Export what happened as JSON lines, in the order it happened."),
    "generate": Row(
        "guildhall.generate_cli",
        "Write the pages and schemas that are made from the code: laws, facts, settings, the flow language.",
    ),
    "agent": Row("guildhall.agents_cli", "What an agent asks for, from the command line instead of star codes."),
    "supervise": Row("guildhall.agents_cli", "What a supervisor asks for; every act is kept as a fact."),
    "prompts": Row("guildhall.prompts_cli", "The spoken prompts."),
    "needs": Row(
        "guildhall.needs_cli",
        "What callers asked for, by number: longer time-outs, Welsh, Relay. Explicit, with an end; never guessed.",
    ),
    "check": Row(
        "guildhall.flow_tools.commands",
        "Check the flows: names, reach, loops, prompts, languages, numbers, emergencies. Exit 0, 1 (errors) or 2.",
    ),
    "dial": Row(
        "guildhall.flow_tools.commands",
        "Call a number in text: every prompt and decision, from the files, without a telephone.",
    ),
    "test": Row(
        "guildhall.flow_tools.commands",
        "Run the scenarios (`*.test.yaml`) beside the flows. Exit 0, 1 (not as expected) or 2 (nothing to run).",
    ),
    "draw": Row(
        "guildhall.flow_tools.commands",
        "Draw a flow as SVG on standard output (Graphviz text where the program `dot` is not installed).",
    ),
    "publish": Row(
        "guildhall.publish_cli",
        "Check, test and put into force what the files say; calls under way end on the version they began with.",
    ),
    "rollback": Row(
        "guildhall.publish_cli",
        "Put an earlier version into force at once; what was staged or planned is over. The files are not touched.",
    ),
    "history": Row("guildhall.publish_cli", "Show what was published when, by whom, and what is in force."),
    "diff": Row(
        "guildhall.publish_cli",
        "Say in words what changes for callers, queues and people. Exit 0 also when nothing does.",
    ),
    "hours": Row(
        "guildhall.hours_cli",
        "Opening hours: what holds when, and changes at short notice. They are in force within five seconds, expire by "
        "themselves, and the history says who made them.",
    ),
    "import": Row(
        "guildhall.import_cli",
        "Turn an Asterisk configuration into flows, queues and people, and list what could not be. Runs nothing of it.",
    ),
    "fallback": Row(
        "guildhall.fallback_cli",
        "List what the static fallback leaves out of each flow, and who may be rung for which queue.",
    ),
    "steer": Row("guildhall.steer_cli", "What callers say: its meaning, and how well it is understood."),
    "recordings": Row("guildhall.recordings_cli", "What is kept of calls: list, hear, export, hold, erase, verify."),
    "audit": Row("guildhall.recordings_cli", "Who listened to, exported, held or deleted what."),
    "voicemail": Row("guildhall.voicemail_cli", "The messages callers left: list, hear, delete."),
    "desk": Row("guildhall.desk_cli", "Who may log in to the desk's pages."),
    "explain": Row(
        "guildhall.explain_cli",
        "Say who may take a waiting call now, who may not and why; of a past call, how it was at each of its offers.",
    ),
    "figures": Row(
        "guildhall.figures_cli",
        "Print the figures of a stretch of time. A stay counts where it began, to the millisecond.",
    ),
    "recharge": Row(
        "guildhall.recharge_cli",
        "Say which council's agents worked for which council's callers: calls, talk and wrap-up, lent and borrowed.",
    ),
    "simulate": Row(
        "guildhall.simulate_cli",
        "Play a day through the distributor in virtual time: facts, a table of figures, a picture.",
    ),
}
