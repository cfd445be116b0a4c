// The address that was typed goes along to the page that mails a code, so that nobody types it twice.
for (const link of document.querySelectorAll("a[data-carry]")) {
  link.addEventListener("click", () => {
    const typed = document.getElementById(link.dataset.carry).value.trim();
    const target = new URL(link.href);
    if (typed) target.searchParams.set("login_hint", typed);
    link.href = target.href;
  });
}
