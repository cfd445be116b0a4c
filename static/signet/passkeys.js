// Passkeys on pages. Without this script, in a browser that cannot do it or where <body data-no-passkeys> says so, the button stays hidden.
//
//   <form method="post" action="…" data-passkey="get" data-passkey-options="/auth/passkeys/authenticate/options/">
//     {% csrf_token %} <input type="hidden" name="challenge"> <input type="hidden" name="credential">
//     <button type="button" hidden>…</button> <p role="alert" hidden></p>
//   </form>
//
// data-passkey              "get" signs in, "create" makes a new passkey; then the form is sent with both hidden fields filled.
// data-passkey-options      answers a POST of JSON with {challenge, publicKey}.
// data-passkey-given        instead: the id of a JSON element (Django's json_script) that holds them; `challenge` may be missing.
// data-passkey-email        the id of the field whose address is sent along, for keys that do not know whose they are.
// data-passkey-name         the id of a field with the name of somebody who signs up.
// data-passkey-autofill     offer passkeys in the suggestions of a field with autocomplete="username webauthn" as well.
// data-passkey-step-up      where to go when the server wants a fresh proof first.
// data-passkey-failed       the sentence for the alert, and data-passkey-known for a device that holds one already.
// The alert itself (includes/passkey_alert.html) has the sentences that are the same everywhere.
"use strict";
{
  const RENEW_AFTER = 240_000; // a challenge lives 300 s, a sign-in page stays open for hours
  const RENEWED = "renewed";
  let waiting = null; // a page may have one request open at a time

  async function asked(form, body) {
    if (form.dataset.passkeyGiven) return JSON.parse(document.getElementById(form.dataset.passkeyGiven).textContent);
    const answer = await sent(form, body);
    const content = answer.status < 500 ? await answer.json() : {};
    if (!answer.ok) throw Object.assign(new Error(content.detail), { code: content.code, status: answer.status });
    return content;
  }

  // A request that does not arrive is told like trouble of the server.
  function sent(form, body) {
    return fetch(form.dataset.passkeyOptions, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify(body),
    }).catch(() => { throw Object.assign(new Error("not sent"), { status: 503 }); });
  }

  async function made(form, publicKey, extras) {
    return form.dataset.passkey === "create"
      ? navigator.credentials.create({ ...extras, publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : navigator.credentials.get({ ...extras, publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  }

  async function run(form, body, extras) {
    const { challenge, publicKey } = await asked(form, body);
    const credential = JSON.stringify(await made(form, publicKey, extras));
    if (challenge) form.querySelector("[name=challenge]").value = challenge;
    form.querySelector("[name=credential]").value = credential;
    form.submit();
  }

  function complain(form, error) {
    if (error.code === "insufficient_user_authentication" && form.dataset.passkeyStepUp) {
      window.location.assign(form.dataset.passkeyStepUp);
      return;
    }
    const alert = form.querySelector("[role=alert]");
    if (error.code === "invalid" && addressOf(form)) {
      refuse(addressOf(form), alert.dataset.address);
      return;
    }
    alert.textContent = sentence(form, alert, error);
    alert.classList.toggle("notice-error", !isCancelled(error));
    alert.hidden = false;
  }

  function sentence(form, alert, error) {
    if (isCancelled(error)) return alert.dataset.cancelled;
    if (error.status === 429) return alert.dataset.tooMany;
    if (error.status >= 500) return alert.dataset.unreachable;
    const known = error.name === "InvalidStateError" && form.dataset.passkeyKnown;
    return known || form.dataset.passkeyFailed || error.message;
  }

  function isCancelled(error) {
    return error.name === "NotAllowedError" || error.name === "AbortError"; // by the person, or too late
  }

  function addressOf(form) {
    return document.getElementById(form.dataset.passkeyEmail);
  }

  // At the field, as the browser itself says what is wrong with it.
  function refuse(field, says = "") {
    field.setCustomValidity(says);
    field.setAttribute("aria-invalid", "true");
    field.addEventListener("input", () => { field.setCustomValidity(""); field.removeAttribute("aria-invalid"); }, { once: true });
    field.reportValidity();
  }

  // Who signs up needs an address; who signs in may leave it out.
  function lacksAddress(form) {
    const field = addressOf(form);
    const isWanted = field && (form.dataset.passkey === "create" || field.value);
    if (!isWanted || field.checkValidity()) return false;
    refuse(field);
    return true;
  }

  function visible() {
    return document.hidden
      ? new Promise((resolve) => { document.addEventListener("visibilitychange", resolve, { once: true }); })
      : Promise.resolve();
  }

  // What goes wrong here is quiet: nobody asked for it yet, and the button is still there.
  async function offerInAutofill(form) {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    for (;;) {
      await visible();
      const mine = waiting = new AbortController();
      const renewal = setTimeout(() => mine.abort(RENEWED), RENEW_AFTER);
      try {
        await run(form, {}, { mediation: "conditional", signal: mine.signal });
        return;
      } catch {
        if (mine.signal.reason !== RENEWED) return;
      } finally {
        clearTimeout(renewal);
      }
    }
  }

  async function press(form, button) {
    if (button.hasAttribute("aria-disabled") || lacksAddress(form)) return;
    const email = addressOf(form)?.value.trim();
    const name = document.getElementById(form.dataset.passkeyName)?.value.trim();
    form.querySelector("[role=alert]").hidden = true;
    button.setAttribute("aria-disabled", "true"); // a disabled one would lose the focus
    button.setAttribute("aria-busy", "true");
    waiting?.abort();
    waiting = null;
    try {
      await run(form, { ...(email && { email }), ...(name && { name }) }, {});
    } catch (error) {
      complain(form, error);
      if ("passkeyAutofill" in form.dataset) offerInAutofill(form);
    } finally {
      button.removeAttribute("aria-disabled");
      button.removeAttribute("aria-busy");
    }
  }

  function isSupported() {
    const type = window.PublicKeyCredential;
    if ("noPasskeys" in document.body.dataset) return false;
    return Boolean(type?.parseCreationOptionsFromJSON && type.parseRequestOptionsFromJSON && type.prototype.toJSON);
  }

  for (const form of isSupported() ? document.querySelectorAll("form[data-passkey]") : []) {
    const button = form.querySelector("button[type=button]");
    button.hidden = false;
    if (button.autofocus) button.focus();
    button.addEventListener("click", () => press(form, button));
    if ("passkeyAutofill" in form.dataset) offerInAutofill(form);
  }
}
