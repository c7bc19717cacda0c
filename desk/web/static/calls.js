// The calls under way whose recording she may pause: a table that looks again every few seconds.
import { clock } from "/static/player.js";

const $ = (id) => document.getElementById(id);
const EVERY_MS = 3000;

export class Calls {
  // `ask(path, body)` gives JSON or throws; `say` tells the person; `notes` shows those of a call.
  constructor(ask, say, notes) {
    this.ask = ask;
    this.say = say;
    this.notes = notes;
    this.timer = null;
    $("look-again").addEventListener("click", () => this.look());
  }

  // `noting`: whether she may choose a call to see its notes.
  open(noting) {
    this.noting = noting;
    $("calls").hidden = false;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.look(), EVERY_MS);
    this.look();
  }

  close() {
    clearInterval(this.timer);
    this.timer = null;
    $("calls").hidden = true;
    $("call-rows").replaceChildren();
  }

  async look() {
    try {
      const found = await this.ask("/api/calls");
      if (this.timer === null) return;
      // Only what changed is written again: a button under somebody's finger stays, and keeps the focus.
      const text = JSON.stringify(found);
      $("call-count").textContent = found.length === 1 ? "1 call" : `${found.length} calls`;
      if (text === $("call-rows").dataset.told && found.length === $("call-rows").children.length) return this.count(found);
      const focused = document.activeElement?.dataset?.call;
      $("call-rows").dataset.told = text;
      $("call-rows").replaceChildren(...found.map((one) => this.row(one)));
      if (focused) [...document.querySelectorAll("#call-rows button")].find((one) => one.dataset.call === focused)?.focus();
      this.count(found);
    } catch (error) { $("call-count").textContent = error.message; }
  }

  count(found) {
    found.forEach((one, at) => { $("call-rows").children[at].children[3].textContent = this.state(one); });
  }

  state(one) {
    if (one.paused_until === null) return one.may_pause ? "recorded" : "recorded; the queue's rule requires the whole call";
    return `paused by ${one.paused_by}, goes on in ${clock(one.paused_until - Date.now() / 1000)}`;
  }

  row(one) {
    const line = document.createElement("tr");
    for (const text of [one.call, one.queue, one.agent, this.state(one)]) {
      line.append(Object.assign(document.createElement("td"), { textContent: text ?? "–" }));
    }
    const last = document.createElement("td");
    if (one.paused_until !== null) last.append(this.button("Resume", one, "resume", () => ({})));
    else if (one.may_pause) last.append(this.button("Pause", one, "pause", () => ({ why: $("why").value })));
    if (this.noting) {
      const notes = Object.assign(document.createElement("button"), { type: "button", textContent: "Notes" });
      notes.setAttribute("aria-label", `Notes on the call of ${one.agent ?? one.call}`);
      notes.addEventListener("click", () => this.notes.choose(one.call));
      last.append(" ", notes);
    }
    line.append(last);
    return line;
  }

  button(text, one, deed, body) {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    made.dataset.call = one.call;
    made.setAttribute("aria-label", `${text} the recording of ${one.agent ?? one.call}`);
    made.addEventListener("click", async () => {
      made.disabled = true;
      try {
        const told = await this.ask(`/api/calls/${one.call}/${deed}`, body());
        this.say(`${one.agent ?? one.call}: ${told.message}.`);
      } catch (error) { this.say(error.message, true); }
      made.disabled = false;
      await this.look();
    });
    return made;
  }
}
