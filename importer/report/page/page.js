"use strict";
(() => {
  const [form, shown] = ["filter", "shown"].map((id) => document.getElementById(id));
  const [reason, column, outcome, text] = ["reason", "column", "outcome", "text"].map((id) => document.getElementById(id));
  const blocks = [...document.querySelectorAll(".rows")].map((block) => ({
    block,
    rows: [...block.children].map((row) => ({ row, kinds: row.dataset.k.split(" "), outcome: row.dataset.o, text: null })),
  }));
  const all = blocks.reduce((sum, one) => sum + one.rows.length, 0);
  const number = new Intl.NumberFormat("en");
  let waiting = 0;

  const allowed = (select) => (select.value === "" ? null : new Set(select.value.split(" ")));

  const lets = () => {
    const [codes, columns] = [allowed(reason), allowed(column)];
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    return (one) => {
      if (outcome.value && one.outcome !== outcome.value) return false;
      if (codes || columns) {
        const fits = (kind) => (!codes || codes.has(kind)) && (!columns || columns.has(kind));
        if (!one.kinds.some(fits)) return false;
      }
      if (words.length === 0) return true;
      one.text ??= one.row.textContent.toLowerCase();
      return words.every((word) => one.text.includes(word));
    };
  };

  const apply = () => {
    clearTimeout(waiting);
    const passes = lets();
    let count = 0;
    for (const { block, rows } of blocks) {
      let left = 0;
      for (const one of rows) {
        const hide = !passes(one);
        if (one.row.hidden !== hide) one.row.hidden = hide;
        if (!hide) left += 1;
      }
      if (block.hidden !== (left === 0)) block.hidden = left === 0;
      block.style.setProperty("--rows", String(left));
      count += left;
    }
    const words = count === all ? `${number.format(all)} ${all === 1 ? "row" : "rows"}` : `${number.format(count)} of ${number.format(all)} rows`;
    if (shown.textContent !== words) shown.textContent = words;
  };

  const open = () => {
    const row = /^#r\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (row && row.hidden) {
      form.reset();
      apply();
      row.scrollIntoView();
    }
  };

  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener("reset", () => setTimeout(apply));
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 250);
  });
  for (const link of document.querySelectorAll("a[data-reason]")) {
    link.addEventListener("click", () => {
      form.reset();
      reason.selectedIndex = Number(link.dataset.reason);
      setTimeout(apply);
    });
  }
  addEventListener("hashchange", open);
  if (all > 0) {
    form.hidden = false;
    apply();
  }
})();
