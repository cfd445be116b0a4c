/** The whole board: sign in, show the notes, add one, sign out, and notice a sign-out that happened elsewhere. */

const settings = await (await fetch("/settings.json")).json();
const here = `${location.origin}/`;
const users = new oidc.UserManager({
  authority: settings.issuer,
  client_id: settings.client_id,
  redirect_uri: here,
  post_logout_redirect_uri: here,
  scope: "openid notes:read notes:write",
  // The token is for the notes, so userinfo does not take it: the name comes in the ID token.
  extraQueryParams: { claims: JSON.stringify({ id_token: { name: null } }) },
  // It would ask in a frame, where browsers keep Signet's cookie back. A page that is known to Signet asks at the top instead:
  // signinRedirect({ prompt: "none" }).
  automaticSilentRenew: false,
});
const part = (id) => document.getElementById(id);

async function start() {
  part("shop").href = `${settings.shop}/`;
  part("signet").href = `${settings.issuer}/account/security/`;
  part("sign-in").onclick = () => users.signinRedirect();
  part("sign-out").onclick = () => users.signoutRedirect();
  part("write").onsubmit = write;
  // Whoever comes back to this tab may have signed out in another.
  addEventListener("focus", refresh);
  const came = new URLSearchParams(location.search);
  if (came.has("state")) await comeBack(came);
  await refresh();
}

/** From Signet, with a code or a refusal. Neither stays in the address. */
async function comeBack(came) {
  history.replaceState(null, "", "/");
  // RFC 9207: whoever answers says who they are. The library does not look.
  if (came.get("iss") !== settings.issuer) return say("That was not Signet.");
  try {
    await users.signinCallback(`${here}?${came}`);
  } catch (problem) {
    say(problem.error === "access_denied" ? "You did not let the board in." : `Signing in did not work: ${problem.message}`);
  }
}

async function refresh() {
  const user = await users.getUser();
  if (!user) return show(false);
  if (user.expired) return leave("Your sign-in has run out.");
  const answer = await ask("GET", user);
  if (answer) showNotes(user, (await answer.json()).notes);
}

async function write(event) {
  event.preventDefault();
  const user = await users.getUser();
  const answer = user && (await ask("POST", user, { text: part("text").value }));
  if (!answer) return;
  part("text").value = "";
  showNotes(user, (await answer.json()).notes);
}

/** The notes service; nothing where it refuses, and then the page says so. */
async function ask(method, user, content) {
  const headers = { Authorization: `Bearer ${user.access_token}`, "Content-Type": "application/json" };
  const body = content && JSON.stringify(content);
  const answer = await fetch(`${settings.notes}/notes`, { method, headers, body }).catch(() => undefined);
  if (answer?.ok) return answer;
  if (answer?.status === 401) return leave("You are signed out.");
  show(true, user.profile.name);
  say("The notes cannot be had just now. Try again in a few seconds.");
}

/** The token is worth nothing any more: here, where it lies in sessionStorage, it goes too. */
async function leave(why) {
  await users.removeUser();
  show(false);
  say(why);
}

function showNotes(user, notes) {
  const lines = (notes.length ? notes : ["None yet."]).map((text) => Object.assign(document.createElement("li"), { textContent: text }));
  if (!notes.length) lines[0].className = "none";
  part("notes").replaceChildren(...lines);
  show(true, user.profile.name);
  say("");
}

function show(isInside, name) {
  part("inside").hidden = part("sign-out").hidden = !isInside;
  part("outside").hidden = isInside;
  part("title").textContent = isInside ? `Welcome, ${name ?? "stranger"}` : "An application in the browser";
}

function say(words) {
  part("notice").textContent = words;
  part("notice").hidden = !words;
}

await start();
