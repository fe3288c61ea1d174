// The Alexa app: links, unlinks and discovers for each account.
const find = (id) => document.getElementById(id);
const fields = { webhook_url: find("webhook-url"), shared_secret: find("shared-secret") };
const cards = new Map();

async function ask(path, form) {
  const options = form && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(form),
  };
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function attempt(work) {
  find("problem").hidden = true;
  try {
    await work();
  } catch (error) {
    find("problem").textContent = error.message;
    find("problem").hidden = false;
  }
}

function newCard(name) {
  const card = find("account").content.cloneNode(true).firstElementChild;
  for (const button of card.querySelectorAll("button")) {
    button.onclick = () => attempt(() => take(button, card, name));
  }
  find("accounts").append(card);
  cards.set(name, card);
  return card;
}

async function take(button, card, name) {
  const form = { account: name };
  if (!find("skill-with-a-webhook").hidden) {
    for (const [key, field] of Object.entries(fields)) form[key] = field.value;
  }
  button.disabled = true;
  card.querySelector("[data-is=notice]").textContent = "One moment …";
  try {
    const answer = await ask(`/api/${button.dataset.step}`, form);
    if (answer.page) location.assign(answer.page);
  } finally {
    button.disabled = false;
    await refresh();
  }
}

function list(element, names) {
  element.replaceChildren(
    ...names.map((name) => Object.assign(document.createElement("li"), { textContent: name })),
  );
}

function showSkill(skill) {
  const isClosed = "doorbells" in skill;
  find("skill-of-a-closed-home").hidden = !isClosed;
  find("skill-with-a-webhook").hidden = isClosed;
  if (isClosed) list(find("told"), skill.doorbells);
  else for (const [key, field] of Object.entries(fields)) field.value ||= skill[key];
}

function show(account) {
  const card = cards.get(account.name) ?? newCard(account.name);
  const part = (name) => card.querySelector(`[data-is=${name}]`);
  card.classList.toggle("linked", account.linked);
  part("name").textContent = account.name;
  part("badge").textContent = account.linked ? "Linked" : "Not linked";
  if (!card.querySelector("button:disabled")) part("notice").textContent = account.notice || "This account has not linked yet.";
  list(part("devices"), account.devices);
  for (const step of ["discover", "unlink"]) {
    const button = card.querySelector(`[data-step=${step}]`);
    button.hidden = !account.linked;
  }
  const link = card.querySelector("[data-step=link]");
  link.textContent = account.linked ? "Link again" : "Link";
  link.classList.toggle("main", !account.linked);
}

async function refresh() {
  const state = await ask("/api/state");
  showSkill(state.skill);
  state.accounts.forEach(show);
}

find("new-account").onsubmit = (event) => {
  event.preventDefault();
  const form = event.target;
  attempt(async () => {
    await ask("/api/accounts", Object.fromEntries(new FormData(form)));
    form.reset();
    await refresh();
  });
};

attempt(refresh);
// What the integration reports by itself shows here too.
setInterval(() => refresh().catch(() => {}), 2000);
