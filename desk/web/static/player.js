// The player of one recording: waveform, gaps, speed, and what else may be done with it.
import { listNotes } from "/static/notes.js";

const $ = (id) => document.getElementById(id);

const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

export const clock = (seconds) => {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

// Where a moment of the talk is heard: what was never written is not in the sound, and all behind it comes that much earlier.
const heardAt = (one, unix) => one.gaps.filter((gap) => gap.lost && gap.from < unix)
  .reduce((at, gap) => at - Math.min(gap.seconds, unix - gap.from), unix - one.from);

export const moment = (unix) => new Date(unix * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export class Player {
  // `ask(path, body)` gives JSON or throws; `say` tells the person; `done` finds again after a change.
  constructor(ask, say, done) {
    this.ask = ask;
    this.say = say;
    this.done = done;
    this.one = null;
    this.peaks = null;
    $("speed").addEventListener("change", () => { $("audio").playbackRate = Number($("speed").value); });
    $("audio").addEventListener("timeupdate", () => this.draw());
    $("audio").addEventListener("error", () => { if (this.one) this.say("The recording cannot be played: the link may be over. Open it again.", true); });
    $("wave").addEventListener("click", (event) => {
      const audio = $("audio");
      if (this.one && Number.isFinite(audio.duration)) audio.currentTime = (event.offsetX / $("wave").clientWidth) * audio.duration;
    });
    new ResizeObserver(() => this.draw()).observe($("wave"));
  }

  close() {
    this.one = null;
    this.peaks = null;
    $("audio").removeAttribute("src");
    $("audio").load();
    $("player").hidden = true;
    // What was said and noted does not stay in a page that somebody has left.
    $("noted-list").replaceChildren();
    $("transcript-text").textContent = "";
  }

  async open(one, rights) {
    this.one = one;
    this.peaks = null;
    this.tell(one);
    this.deeds(one, rights);
    $("player").hidden = false;
    const hears = rights.includes("listen");
    $("hearing").hidden = !hears;
    $("transcript").hidden = true;
    $("noted").hidden = true;
    if (hears) await this.noted(one);
    if (hears && (one.state === "kept" || one.state === "filed")) {
      const link = await this.ask(`/api/recordings/${one.id}/link`, {});
      $("audio").src = link.url;
      $("audio").playbackRate = Number($("speed").value);
      this.peaks = await this.ask(`/api/recordings/${one.id}/peaks`);
      await this.read(one);
    } else if (hears) {
      this.say("This recording is not in the vault yet: try again in a minute.");
    }
    this.draw();
    $("player-title").focus();
  }

  // What agents told one another of the call: it has no recording of its own, and stands beside each part.
  async noted(one) {
    const notes = await this.ask(`/api/notes/${one.call}`);
    listNotes($("noted-list"), notes);
    $("noted").hidden = notes.length === 0;
  }

  // Reading is listening, and stands in the audit log: only what there is to read is asked for.
  async read(one) {
    const told = one.figures.transcript;
    if (!told || told === "off") return;
    const found = await this.ask(`/api/recordings/${one.id}/transcript`);
    $("transcript-text").textContent = found.text || "";
    $("transcript-text").hidden = !found.text;
    $("transcript-note").textContent = found.text === null ? `${found.why}.` : found.text ? "A machine's reading; nobody checked it. Long numbers are hidden." : "Nobody said a word that could be read.";
    $("transcript").hidden = false;
  }

  tell(one) {
    const list = $("details");
    list.replaceChildren();
    const told = {
      Began: moment(one.from), Length: clock(one.seconds), Council: one.council, Queue: one.queue, Agent: one.agent,
      Outcome: one.outcome, Call: one.call, "Kept until": one.keep_until, "Legal hold": one.hold,
    };
    for (const [name, value] of Object.entries(told)) {
      if (value === null || value === undefined || value === "") continue;
      list.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: value }));
    }
    const gaps = one.gaps.map((gap) => Object.assign(document.createElement("li"), {
      textContent: `At ${clock(heardAt(one, gap.from))}, ${gap.seconds < 10 ? gap.seconds.toFixed(1) : Math.round(gap.seconds)} s${gap.lost ? " lost" : ""}: ${gap.why}`,
    }));
    $("gaps").replaceChildren(...(gaps.length ? gaps : [Object.assign(document.createElement("li"), { textContent: "None." })]));
  }

  deeds(one, rights) {
    const deeds = $("deeds");
    deeds.replaceChildren();
    const button = (text, act, grave = false) => {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, className: grave ? "grave" : "" });
      made.addEventListener("click", () => act().catch((error) => this.say(error.message, true)));
      deeds.append(made);
    };
    if (rights.includes("export")) {
      for (const form of ["mp3", "wav", "opus"]) {
        button(`Download ${form.toUpperCase()}`, async () => { location.assign((await this.ask(`/api/recordings/${one.id}/export`, { form })).url); });
      }
    }
    if (rights.includes("hold")) {
      button(one.hold ? "Take the legal hold off" : "Put a legal hold on it", async () => {
        const reason = one.hold ? null : prompt("Why? A claim's number, no names.");
        if (!one.hold && !reason) return;
        await this.ask(`/api/recordings/${one.id}/hold`, { reason });
        await this.done(one.hold ? "The hold is off." : "Held: nothing deletes it.");
      });
    }
    if (rights.includes("erase")) {
      button("Erase", async () => {
        const why = prompt("Erase it for good? Give the request's number, no names.");
        if (!why) return;
        await this.ask(`/api/recordings/${one.id}/erase`, { why });
        this.close();
        await this.done("Erased; the certificate is in the audit log.");
      }, true);
    }
  }

  draw() {
    const canvas = $("wave");
    const wide = (canvas.width = Math.max(300, canvas.clientWidth * devicePixelRatio));
    const high = (canvas.height = Math.max(100, canvas.clientHeight * devicePixelRatio));
    const pen = canvas.getContext("2d");
    const css = getComputedStyle(document.documentElement);
    pen.clearRect(0, 0, wide, high);
    if (!this.one || !this.peaks) return;
    const sides = Object.entries(this.peaks.peaks);
    sides.forEach(([side, text], row) => {
      const values = bytes(text);
      const middle = (high * (row + 0.5)) / sides.length;
      pen.fillStyle = css.getPropertyValue(side === "agent" ? "--agent" : "--caller");
      for (let x = 0; x < wide; x += 1) {
        const from = Math.floor((x * values.length) / wide);
        const to = Math.max(from + 1, Math.floor(((x + 1) * values.length) / wide));
        let peak = 0;
        for (let at = from; at < to; at += 1) peak = Math.max(peak, values[at] || 0);
        const tall = Math.max(1, Math.sqrt(peak / 255) * (high / sides.length) * 0.95);
        pen.fillRect(x, middle - tall / 2, 1, tall);
      }
    });
    pen.fillStyle = css.getPropertyValue("--gap");
    for (const gap of this.one.gaps) {
      const from = (heardAt(this.one, gap.from) / this.one.seconds) * wide;
      const width = Math.max(4, gap.lost ? 0 : (gap.seconds / this.one.seconds) * wide);
      pen.globalAlpha = 0.25;
      pen.fillRect(from, 0, width, high);
      pen.globalAlpha = 1;
      pen.fillRect(from, 0, 2, high);
      pen.fillRect(from + width - 2, 0, 2, high);
    }
    const audio = $("audio");
    if (Number.isFinite(audio.duration) && audio.duration > 0) {
      pen.fillStyle = css.getPropertyValue("--ink");
      pen.fillRect((audio.currentTime / audio.duration) * wide, 0, 2, high);
    }
    const talk = Object.entries(this.one.figures.sides || {}).map(([side, told]) => `${side} speaks ${told.talk_s} s`);
    canvas.setAttribute("aria-label", `Waveform of ${clock(this.one.seconds)} minutes; ${talk.join(", ")}; ${this.one.gaps.length} gaps, listed below`);
  }
}
