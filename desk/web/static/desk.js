// The desk's page: log in, find recordings, open one. Everything shown is text, never markup.
import { Calls } from "/static/calls.js";
import { Notes } from "/static/notes.js";
import { Needs, Review } from "/static/steering.js";
import { Player, clock, moment } from "/static/player.js";

const $ = (id) => document.getElementById(id);
let me = null;

function say(text, bad = false) {
  $("status").textContent = text;
  $("status").className = bad ? "bad" : "";
}

async function ask(path, body) {
  const how = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, how);
  const told = await answer.json().catch(() => ({ message: `the desk answered ${answer.status}` }));
  if (answer.status === 401 && path !== "/api/login" && path !== "/api/me") show(null);
  if (!answer.ok) throw new Error(told.message || `the desk answered ${answer.status}`);
  return told;
}

const notes = new Notes(ask, say);
const calls = new Calls(ask, say, notes);
const needs = new Needs(ask, say);
const review = new Review(ask, say);
const player = new Player(ask, say, async (text) => { await find(); say(text); });

function show(person) {
  me = person;
  $("login").hidden = person !== null;
  $("found").hidden = person === null || !person.rights.includes("list");
  $("who").hidden = person === null;
  player.close();
  notes.close();
  if (person?.role === "agent") notes.follow();
  if (person !== null && person.rights.includes("pause")) calls.open(person.role !== "agent");
  else calls.close();
  if (person !== null && person.rights.includes("callers_needs")) needs.open(person.councils);
  else needs.close();
  if (person !== null && person.rights.includes("review_steering")) review.open(person.rights.includes("teach_steering"));
  else review.close();
  if (person === null) {
    $("rows").replaceChildren();
    $("login-form").elements.user.focus();
  } else {
    $("who-name").textContent = `${person.user}, ${person.role.replace("_", " ")} for ${person.councils.join(", ")}`;
    if (!person.rights.includes("list") && !person.rights.includes("review_steering")) say("Your role shows no recordings.");
  }
}

function cell(text) {
  return Object.assign(document.createElement("td"), { textContent: text ?? "–" });
}

function row(one) {
  const line = document.createElement("tr");
  line.append(cell(moment(one.from)), cell(clock(one.seconds)), cell(one.queue), cell(one.agent), cell(one.outcome), cell(one.gaps.length || "none"), cell(one.hold ? "legal hold" : one.keep_until));
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Open" });
  button.setAttribute("aria-label", `Open the recording of ${moment(one.from)}`);
  button.addEventListener("click", async () => {
    say("");
    for (const other of $("rows").children) other.removeAttribute("aria-current");
    line.setAttribute("aria-current", "true");
    try {
      await player.open(await ask(`/api/recordings/${one.id}`), me.rights);
    } catch (error) { say(error.message, true); }
  });
  const last = document.createElement("td");
  last.append(button);
  line.append(last);
  return line;
}

async function find() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData($("filters"))) {
    if (value === "") continue;
    query.set(name, name === "since" || name === "until" ? String(new Date(value).getTime() / 1000) : value);
  }
  const found = await ask(`/api/recordings?${query}`);
  $("rows").replaceChildren(...found.map(row));
  $("count").textContent = found.length === 1 ? "1 recording" : `${found.length} recordings, the newest first`;
}

$("login-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { user, password } = event.target.elements;
  say("Looking …");
  try {
    const person = await ask("/api/login", { user: user.value, password: password.value });
    say("");
    show(person);
    if (person.rights.includes("list")) await find();
  } catch (error) { say(error.message, true); }
  password.value = "";
});

$("filters").addEventListener("submit", async (event) => {
  event.preventDefault();
  say("");
  await find().catch((error) => say(error.message, true));
});

$("log-out").addEventListener("click", async () => {
  await ask("/api/logout", {}).catch(() => {});
  show(null);
  say("You are logged out.");
});

try {
  show(await ask("/api/me"));
  if (me.rights.includes("list")) await find();
} catch { show(null); }
