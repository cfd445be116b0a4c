// Colours JSON on the page by the CSS Custom Highlight API: nothing is added to the document, links stay links.
"use strict";
{
  const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
  const LONGEST = 200_000; // characters; a longer body stays in one colour

  function textNodes(element) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let start = 0;
    while (walker.nextNode()) {
      nodes.push({ node: walker.currentNode, start });
      start += walker.currentNode.length;
    }
    return nodes;
  }

  function rangeOf(nodes, start, end) {
    const range = new Range();
    const first = nodes.findLast((entry) => entry.start <= start);
    const last = nodes.findLast((entry) => entry.start < end);
    range.setStart(first.node, start - first.start);
    range.setEnd(last.node, end - last.start);
    return range;
  }

  function colour() {
    const groups = { key: [], string: [], word: [], number: [] };
    for (const element of document.querySelectorAll("[data-json]")) {
      const text = element.textContent;
      if (text.length > LONGEST) continue;
      const nodes = textNodes(element);
      for (const match of text.matchAll(TOKEN)) {
        const kind = match[1] ? (match[2] ? "key" : "string") : (match[3] ? "word" : "number");
        const length = (match[1] ?? match[0]).length;
        groups[kind].push(rangeOf(nodes, match.index, match.index + length));
      }
    }
    for (const [kind, ranges] of Object.entries(groups)) CSS.highlights.set(`json-${kind}`, new Highlight(...ranges));
  }

  if (window.CSS?.highlights) {
    colour();
    document.addEventListener("signet:answer", colour);
  }
}
