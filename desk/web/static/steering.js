// Steering's week and callers' needs: tables, phrases to teach, needs to write down. Everything shown is text, never markup.
const $ = (id) => document.getElementById(id);
const LOOK_MS = 2000;
const OUT = "none of them";
// The shares that are held against the weeks before, as the sentence above them says it.
const SHARES = { refused: "not understood", unsure: "asked back", misrouted: "misrouted" };

function made(name, text, more = {}) {
  return Object.assign(document.createElement(name), { textContent: text ?? "–", ...more });
}

function day(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function share(part, whole) {
  return whole ? `${((100 * part) / whole).toFixed(1)} %` : "–";
}

function button(text, label, deed, say) {
  const one = made("button", text, { type: "button" });
  one.setAttribute("aria-label", label);
  one.addEventListener("click", async () => {
    one.disabled = true;
    try { await deed(); } catch (error) { say(error.message, true); }
    one.disabled = false;
  });
  return one;
}

export class Needs {
  constructor(ask, say) {
    this.ask = ask;
    this.say = say;
    $("need-form").addEventListener("submit", (event) => { event.preventDefault(); this.add(event.target); });
  }

  open(councils) {
    $("need-form").elements.council.replaceChildren(...councils.map((one) => made("option", one)));
    $("needs").hidden = false;
    this.look().catch((error) => this.say(error.message, true));
  }

  close() {
    $("needs").hidden = true;
    $("need-rows").replaceChildren();
    $("need-form").reset();
  }

  async add(form) {
    const { number, need, council, purpose, days } = form.elements;
    try {
      const told = await this.ask("/api/needs/add", { number: number.value, need: need.value, council: council.value, purpose: purpose.value, days: Number(days.value) });
      number.value = "";
      await this.look();
      this.say(`Written down: ${told.message}.`);
    } catch (error) { this.say(error.message, true); }
  }

  async look() {
    const found = await this.ask("/api/needs");
    $("need-count").textContent = found.length === 1 ? "1 need" : `${found.length} needs`;
    $("need-rows").replaceChildren(...found.map((one) => this.row(one)));
  }

  row(one) {
    const line = document.createElement("tr");
    line.append(...[one.caller, one.council, one.need.replace("_", " "), one.purpose, one.by, day(one.until)].map((text) => made("td", text)));
    const last = document.createElement("td");
    last.append(button("Take out", `Take out ${one.need.replace("_", " ")} of caller ${one.caller}`, async () => {
      const told = await this.ask("/api/needs/remove", { caller: one.caller, council: one.council, need: one.need });
      await this.look();
      this.say(`${told.message}.`);
    }, this.say));
    line.append(last);
    return line;
  }
}

export class Review {
  constructor(ask, say) {
    this.ask = ask;
    this.say = say;
    this.teaches = false;
    this.timer = null;
    $("week").addEventListener("change", () => this.look());
  }

  open(teaches) {
    this.teaches = teaches;
    $("steering").hidden = false;
    this.look();
    if (teaches) this.taught();
  }

  close() {
    clearTimeout(this.timer);
    this.timer = null;
    $("steering").hidden = true;
    for (const id of ["reviews", "accepted", "taught"]) $(id).replaceChildren();
  }

  async look() {
    try {
      const found = await this.ask(`/api/steering?weeks_ago=${$("week").value}`);
      if ($("steering").hidden) return;
      $("reviews").replaceChildren(...found.flatMap((one) => this.council(one)));
      if (!found.length) $("reviews").replaceChildren(made("p", "None of your councils listens to callers."));
    } catch (error) { this.say(error.message, true); }
  }

  council(one) {
    const counts = one.counts;
    const parts = [made("h3", `${one.council}: ${day(one.since)} to ${day(one.until)}`)];
    if (!counts.calls) return [...parts, made("p", "Nobody said anything to steering.")];
    parts.push(made("p", `${counts.calls} calls said something: ${share(counts.refused, counts.calls)} not understood, ${share(counts.unsure, counts.calls)} asked back. Misrouted: ${share(counts.misrouted, counts.routed)} of ${counts.routed} that can be told.`));
    const list = document.createElement("ul");
    list.append(...one.drift.map((drift) => this.drift(drift)));
    parts.push(list, this.matrix(one));
    if (this.teaches) parts.push(...this.suggestions(one));
    return parts;
  }

  drift(one) {
    if (one.now === null) return made("li", `${SHARES[one.share]}: nothing to tell it by`);
    const before = one.before === null ? "nothing before to hold it against" : `${(100 * one.before).toFixed(1)} % of ${one.of_before} before`;
    return made("li", `${one.alarm ? "ALARM: " : ""}${SHARES[one.share]} ${(100 * one.now).toFixed(1)} % of ${one.of_now}; ${before}`, { className: one.alarm ? "alarm" : "" });
  }

  matrix(one) {
    const names = one.matrix.labels.map((name) => name || OUT);
    const scroll = made("div", "", { className: "scroll", tabIndex: 0 });
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", `Confusion matrix of ${one.council}`);
    const table = made("table", "", { className: "matrix" });
    table.append(made("caption", `Understood right: ${share(one.matrix.right, one.matrix.calls)} of ${one.matrix.calls}. Rows: what calls were about; columns: what was understood; ✓ is right.`));
    const head = table.createTHead().insertRow();
    for (const name of ["", ...names]) head.append(made("th", name, { scope: "col" }));
    const body = table.createTBody();
    one.matrix.table.forEach((counts, row) => {
      const line = body.insertRow();
      line.append(made("th", names[row], { scope: "row" }));
      counts.forEach((count, column) => {
        const right = row === column;
        line.append(made("td", count ? `${right ? "✓ " : ""}${count}` : "", { className: count ? (right ? "right" : "wrong") : "" }));
      });
    });
    scroll.append(table);
    return scroll;
  }

  suggestions(one) {
    const title = made("h3", "Phrases to teach");
    if (!one.keeps_words) return [title, made("p", "None: this council keeps no words (words: in its intents.yaml).")];
    if (!one.suggestions.length) return [title, made("p", "None this week.")];
    const list = made("ul", "", { className: "phrases" });
    list.append(...one.suggestions.slice(0, 20).map((phrase) => this.phrase(one.council, phrase)));
    return [title, made("p", "Read them first: a phrase must name nobody. Each is learned and judged on a copy; it is left out where anything gets worse."), list];
  }

  phrase(council, one) {
    const meant = one.intent || "none";
    const line = document.createElement("li");
    const label = made("label", `${one.intent || OUT}, understood as ${one.understood || "nothing"}${one.calls > 1 ? `, ${one.calls} calls` : ""}`);
    const field = Object.assign(document.createElement("input"), { value: one.text, maxLength: 200 });
    label.append(field);
    line.append(label, button("Teach", `Teach this phrase as ${meant}`, async () => {
      await this.ask("/api/steering/accept", { council, intent: meant, text: field.value });
      await this.taught();
    }, this.say));
    return line;
  }

  async taught() {
    clearTimeout(this.timer);
    try {
      const found = await this.ask("/api/steering/teaching");
      if ($("steering").hidden) return;
      const was = $("taught").dataset.busy === "yes";
      $("taught").dataset.busy = found.busy ? "yes" : "no";
      $("taught").textContent = found.busy ? "Learning and judging: this takes a minute …" : found.told;
      $("accepted").replaceChildren(...found.accepted.map((one) => this.accepted(one)));
      if (found.busy) this.timer = setTimeout(() => this.taught(), LOOK_MS);
      else if (was) await this.look();
    } catch (error) { this.say(error.message, true); }
  }

  accepted(one) {
    const line = made("p", `Taught last in ${one.council}, as ${one.intent || OUT}: “${one.phrase}” `);
    line.append(button("Undo", `Take back ${one.id}`, async () => {
      await this.ask("/api/steering/undo", { id: one.id });
      await this.taught();
    }, this.say));
    return line;
  }
}
