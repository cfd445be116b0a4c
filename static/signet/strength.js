// Says how hard a new password is to guess while it is typed. It advises; without this script nothing is shown and nothing is missing.
//
//   <div data-strength="id of the field" data-strength-url="/auth/password/strength/" data-short="…" data-score-0="…" … hidden>
//     <div>the bar</div> <p aria-live="polite"></p>
//   </div>
//
// The person's own words are those in the fields of the same form with autocomplete="username" and autocomplete="name".
"use strict";
{
  const PAUSE = 400;
  const MOST = { password: 256, email: 254, name: 150 };

  function asked(field) {
    const typed = (kind) => field.form.querySelector(`[autocomplete~="${kind}"]`)?.value.trim() ?? "";
    const body = { password: field.value, email: typed("username"), name: typed("name") };
    return Object.keys(MOST).every((member) => [...body[member]].length <= MOST[member]) ? body : null;
  }

  async function judged(url, body, signal) {
    const answer = await fetch(url, {
      method: "POST",
      credentials: "omit",
      cache: "no-store",
      headers: {
        "Accept": "application/json",
        "Accept-Language": document.documentElement.lang,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(body),
      signal,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  for (const meter of document.querySelectorAll("[data-strength]")) {
    const field = document.getElementById(meter.dataset.strength);
    const words = meter.querySelector("[aria-live]");
    let waiting = 0;
    let request = null;

    const show = (score, text) => {
      meter.dataset.score = score;
      words.textContent = text;
    };

    const judge = async () => {
      const length = [...field.value].length;
      const body = asked(field);
      if (!length || !body) return show("", "");
      if (length < field.minLength) return show("0", meter.dataset.short);
      const mine = request = new AbortController();
      try {
        const { score, advice } = await judged(meter.dataset.strengthUrl, body, mine.signal);
        if (!mine.signal.aborted) show(String(score), [meter.getAttribute(`data-score-${score}`), ...advice].join(" "));
      } catch {
        if (!mine.signal.aborted) show("", ""); // no advice is no trouble
      }
    };

    meter.hidden = false;
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      request?.abort();
      waiting = setTimeout(judge, PAUSE);
    });
  }
}
