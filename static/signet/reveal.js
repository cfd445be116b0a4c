// Offers to show a password while it is typed. Without this script the button stays hidden.
"use strict";

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  // A browser must see a password field when it is sent, or it remembers the password as plain text.
  field.form.addEventListener("submit", () => { field.type = "password"; });
}
