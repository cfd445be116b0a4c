// Sends the forms of the browsable API with any method, and shows the page that comes back.
"use strict";
{
  const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

  function cookie(name) {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  function csrfToken() {
    return cookie(document.body.dataset.csrfCookie)
      || document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
  }

  // A multipart body written by hand names its boundary in its first line (RFC 2046 §5.1.1) and ends lines with CRLF.
  function rawBody(contentType, text) {
    if (contentType !== "multipart/form-data") return { contentType, body: text };
    const boundary = text.match(/^--(.{1,70})$/m)?.[1].trim() ?? "";
    return { contentType: `${contentType}; boundary="${boundary}"`, body: text.replace(/\r?\n/g, "\r\n") };
  }

  function requestFor(form, method) {
    const headers = new Headers({ Accept: "text/html" });
    if (SAFE_METHODS.has(method)) return { method, headers };
    headers.set(document.body.dataset.csrfHeader, csrfToken());
    const type = form.querySelector("[data-override=content-type]");
    if (type) {
      const { contentType, body } = rawBody(type.value, form.querySelector("[data-override=content]").value);
      headers.set("Content-Type", contentType);
      return { method, headers, body };
    }
    if (method === "DELETE") return { method, headers };
    const body = new FormData(form);
    body.delete("csrfmiddlewaretoken"); // travels as a header; to the API it would be an unknown field
    return { method, headers, body };
  }

  function complain(text) {
    const notice = document.getElementById("no-answer");
    notice.textContent = text;
    notice.hidden = false;
    notice.scrollIntoView({ block: "center" });
  }

  // The listener below sits on the document, so it outlives the body that is exchanged here.
  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    document.title = page.title;
    document.body.replaceWith(page.body);
    document.getElementById("answer")?.focus();
    document.dispatchEvent(new Event("signet:answer"));
  }

  async function send(form, method) {
    try {
      // By attribute: a field named "action" hides the property.
      const answer = await fetch(form.getAttribute("action"), { ...requestFor(form, method), credentials: "same-origin" });
      const text = await answer.text();
      if (/^text\/html\b/.test(answer.headers.get("Content-Type") ?? "")) show(text);
      else complain(`${answer.status} ${answer.statusText} ${text.slice(0, 2000)}`);
    } catch {
      complain(document.body.dataset.noAnswer);
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-api]")) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    const button = event.submitter ?? form.querySelector("[data-method]");
    form.setAttribute("aria-busy", "true");
    await send(form, button.dataset.method);
    form.removeAttribute("aria-busy");
  });

  // An open menu closes by Escape (focus goes back to what opened it) and by a click elsewhere.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = menu.contains(event.target);
  });
}
