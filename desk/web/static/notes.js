// Notes on a call for whoever has the caller next: an agent's own call, or one that a supervisor chose. Text, never markup.
import { moment } from "/static/player.js";

const $ = (id) => document.getElementById(id);
const EVERY_MS = 3000;
const NEEDS = { more_time: "more time", welsh: "Welsh", relay: "Relay UK" };
const STANDS = { ringing: "Your phone rings for", asked: "You are asked about", talking: "You are in", after: "You were last in" };

export function listNotes(list, notes) {
  list.replaceChildren(...notes.map((one) => {
    const line = document.createElement("li");
    line.append(Object.assign(document.createElement("span"), { className: "side", textContent: `${moment(one.at)}, ${one.by}` }), Object.assign(document.createElement("p"), { textContent: one.text }));
    return line;
  }));
}

export class Notes {
  constructor(ask, say) {
    this.ask = ask;
    this.say = say;
    this.timer = null;
    // The call her text is for: begun in one call it must not end up on the next.
    this.writes = null;
    $("note-form").addEventListener("submit", (event) => { event.preventDefault(); this.deed("add", { text: $("note-text").value }); });
    $("note-back").addEventListener("click", () => this.deed("take-back", {}));
    $("note-text").addEventListener("input", () => this.begun());
  }

  // An agent's own call, looked for again and again.
  follow() {
    clearInterval(this.timer);
    this.timer = setInterval(() => this.look(), EVERY_MS);
    this.look();
  }

  // A call that a supervisor chose: read once, for each reading is a line of the audit log.
  async choose(call) {
    try {
      this.show({ call, stand: null, notes: await this.ask(`/api/notes/${call}`) });
      $("note-text").focus();
    } catch (error) { this.say(error.message, true); }
  }

  close() {
    clearInterval(this.timer);
    this.timer = null;
    this.call = null;
    this.found = null;
    $("note-form").reset();
    $("my-notes").replaceChildren();
    delete $("my-notes").dataset.told;
    $("note-call").textContent = "";
    $("notes").hidden = true;
  }

  async look() {
    const before = this.found;
    try {
      const found = await this.ask(`/api/my-call?seen=${before?.seen ?? ""}`);
      if (this.timer !== null) this.show(found.same ? { ...before, ...found } : found);
    } catch (error) { $("note-call").textContent = error.message; }
  }

  show(found) {
    this.found = found;
    this.call = found.call;
    this.stand = found.stand;
    $("notes").hidden = found.call === null && $("note-text").value === "";
    const needs = found.needs?.length ? ` The caller asked for: ${found.needs.map((one) => NEEDS[one] ?? one).join(", ")}.` : "";
    const count = found.notes.length === 1 ? "1 note" : `${found.notes.length} notes`;
    $("note-call").textContent = found.call === null ? "You are in no call." : `${STANDS[found.stand] ?? "On"} ${found.call}: ${found.notes.length ? count : "no notes yet"}.${needs}`;
    const told = JSON.stringify([found.call, found.notes]);
    if (told !== $("my-notes").dataset.told) listNotes($("my-notes"), found.notes);
    $("my-notes").dataset.told = told;
    this.begun();
  }

  begun() {
    if ($("note-text").value === "") this.writes = this.call;
    const other = this.writes !== this.call && this.writes !== null;
    $("note-for").textContent = other ? `Your text is for ${this.writes}, the call before.` : "";
    $("note-add").disabled = this.writes === null || (!other && this.stand === "ringing");
    $("note-back").disabled = this.call === null;
  }

  async deed(deed, body) {
    const call = deed === "add" ? this.writes : this.call;
    try {
      const told = await this.ask(`/api/notes/${call}/${deed}`, body);
      if (deed === "add") $("note-text").value = "";
      this.say(`${told.message[0].toUpperCase()}${told.message.slice(1)}.`);
      await (this.timer === null ? this.choose(call) : this.look());
    } catch (error) { this.say(error.message, true); }
  }
}
