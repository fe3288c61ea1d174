// The Echos: one for each account, which speaks what is announced, and shows the door if it can.
import { View } from "./view.js";

const find = (id) => document.getElementById(id);
const echos = new Map();
let sound = false;

function echoOf(account) {
  if (!echos.has(account)) {
    const echo = find("echo").content.cloneNode(true).firstElementChild;
    echo.querySelector("[data-is=name]").textContent = `${account}’s Echo`;
    find("echos").append(echo);
    echos.set(account, echo);
  }
  return echos.get(account);
}

function note(said) {
  const time = document.createElement("time");
  time.textContent = new Date(said.at * 1000).toLocaleTimeString();
  const line = document.createElement("li");
  line.append(time, `${said.account}: ${said.text}`);
  find("log").prepend(line);
  find("said").hidden = false;
}

function announce(said) {
  const echo = echoOf(said.account);
  const says = echo.querySelector("[data-is=says]");
  says.textContent = said.text;
  echo.classList.add("speaking");
  clearTimeout(echo.quiet);
  echo.quiet = setTimeout(() => {
    echo.classList.remove("speaking");
    if (!echo.classList.contains("showing")) says.textContent = "";
  }, 6000);
  note(said);
  speak(said.text);
  if (said.shown) show(echo, said);
}

function show(echo, said) {
  const part = (name) => echo.querySelector(`[data-is=${name}]`);
  echo.view?.close();
  const view = new View(part("door"), (state, words = "") => {
    if (echo.view !== view) return;
    part("screen").hidden = state === "closed";
    echo.classList.toggle("showing", state !== "closed");
    if (state === "closed" && !echo.classList.contains("speaking")) part("says").textContent = "";
    part("view").textContent = words;
    part("view").hidden = !words;
  });
  echo.view = view;
  part("close").onclick = () => view.close();
  part("door").muted = !sound;
  view.open(said.account, said.endpoint_id);
}

function speak(text) {
  if (!sound || !window.speechSynthesis) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = "en";
  speechSynthesis.speak(words);
}

// A browser lets a page speak only after its user has touched it.
find("sound").onclick = () => {
  sound = !sound;
  find("sound").textContent = sound ? "Turn the sound off" : "Turn the sound on";
  find("sound").classList.toggle("main", !sound);
  for (const video of document.querySelectorAll("video")) video.muted = !sound;
  if (sound) speak("Sound is on");
  else window.speechSynthesis?.cancel();
};

function hint(account) {
  if (!account.linked) return "Not linked: see the Alexa app.";
  if (!account.devices.length) return "Knows no doorbell yet: discover it in the Alexa app.";
  return `Knows: ${account.devices.join(", ")}`;
}

async function refresh() {
  const state = await (await fetch("/api/state")).json();
  for (const account of state.accounts) {
    echoOf(account.name).querySelector("[data-is=hint]").textContent = hint(account);
  }
  return state;
}

addEventListener("pagehide", () => echos.forEach((echo) => echo.view?.close()));

const stream = new EventSource("/api/announcements");
stream.onopen = () => { find("connection").textContent = "Listening for the doorbell."; };
stream.onerror = () => { find("connection").textContent = "The demo is not running. Waiting for it …"; };
stream.onmessage = (event) => announce(JSON.parse(event.data));

refresh().then((state) => state.announcements.forEach(note));
setInterval(() => refresh().catch(() => {}), 3000);
