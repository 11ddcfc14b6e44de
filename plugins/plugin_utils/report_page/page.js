/*
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
SPDX-FileCopyrightText: 2026 The sealed.s3 authors
*/

/* Filters and sorts the rows that are in the page already. Without this script all of them are shown. */
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const form = byId("filter");
  const shown = form.elements.shown;
  const clear = form.querySelector("[type=reset]");
  const facets = Object.keys(data.facets);
  const numbers = new Intl.NumberFormat("en");
  const format = (number) => numbers.format(number);
  const collator = new Intl.Collator("en", { numeric: true });

  const PAGE = 250; /* rows that are shown at once */

  /* One table. `codes` has, for each facet, the number of the value of each row, or a list of them; `values` has the
     numbers by which columns are sorted whose text is none. */
  class Rows {
    constructor({ id, one, many, codes, values }) {
      this.table = byId(id).querySelector("table");
      this.body = this.table.tBodies[0];
      this.rows = Array.from(this.body.rows);
      this.order = this.rows.map((row, index) => index);
      this.matches = this.order;
      this.most = PAGE;
      this.noun = this.rows.length === 1 ? one : many;
      this.codes = codes;
      this.numbers = values;
      this.columns = new Map();
      this.words = null;
      this.makeSortable();
      this.makeMore();
    }

    /* The text of each row in small letters, made when it is first needed. */
    get texts() {
      this.words ??= this.rows.map((row) => row.textContent.toLowerCase());
      return this.words;
    }

    filter(words, wanted) {
      const checks = facets.filter((facet) => facet in wanted && facet in this.codes);
      const texts = words.length ? this.texts : null;
      const isShown = (index) =>
        checks.every((facet) => {
          const code = this.codes[facet][index];
          return Array.isArray(code) ? code.includes(wanted[facet]) : code === wanted[facet];
        }) && words.every((word) => texts[index].includes(word));
      this.matches = this.order.filter(isShown);
      this.most = PAGE;
      this.show();
    }

    /* Shows the first matches. A browser needs seconds to lay out ten thousand rows, so more of them come on demand. */
    show() {
      const visible = new Set(this.matches.slice(0, this.most));
      this.rows.forEach((row, index) => {
        if (row.hidden === visible.has(index)) row.hidden = !row.hidden;
      });
      const left = this.matches.length - visible.size;
      this.more.hidden = left === 0 && visible.size > 0;
      this.note.textContent = left === 0 ? `None of the ${this.noun} matches the filter.`
        : `The first ${format(visible.size)} of ${format(this.matches.length)} ${this.noun} are shown.`;
      this.next.hidden = left === 0;
      this.next.textContent = `Show ${format(Math.min(left, PAGE))} more`;
      this.all.hidden = left <= PAGE;
      this.all.textContent = `Show all ${format(this.matches.length)}`;
    }

    makeMore() {
      this.more = document.createElement("p");
      this.more.className = "more";
      this.note = document.createElement("span");
      const makeButton = (most) => {
        const button = document.createElement("button");
        button.type = "button";
        button.addEventListener("click", () => {
          const first = this.rows[this.matches[this.most]];
          this.most = most();
          this.show();
          /* The button may be gone, so that the focus goes to what it has brought. */
          first.tabIndex = -1;
          first.focus({ preventScroll: true });
        });
        return button;
      };
      this.next = makeButton(() => this.most + PAGE);
      this.all = makeButton(() => Infinity);
      this.more.append(this.note, " ", this.next, " ", this.all);
      this.table.parentElement.after(this.more);
    }

    get sentence() {
      const all = this.rows.length;
      return `${format(this.matches.length)}${this.matches.length === all ? "" : ` of ${format(all)}`} ${this.noun}`;
    }

    /* The values by which a column is sorted. */
    values(column, head) {
      if (!this.columns.has(column)) {
        const name = head.classList[0];
        let values = name === "w-status" ? this.codes.status : this.numbers[name];
        if (!values) {
          values = this.rows.map((row) => row.cells[column].textContent.trim());
          if ("number" in head.dataset) values = values.map((text) => Number(text.replace(/\D/g, "")));
        }
        this.columns.set(column, values);
      }
      return this.columns.get(column);
    }

    sort(head) {
      const column = head.cellIndex;
      const direction = head.ariaSort === "ascending" ? -1 : 1;
      const values = this.values(column, head);
      const compare = typeof values[0] === "number" ? (a, b) => values[a] - values[b]
        : (a, b) => collator.compare(values[a], values[b]);
      this.order = this.rows.map((row, index) => index).sort((a, b) => direction * compare(a, b) || a - b);
      const matches = new Set(this.matches);
      this.matches = this.order.filter((index) => matches.has(index));
      for (const other of this.table.tHead.rows[0].cells) other.ariaSort = "none";
      head.ariaSort = direction === 1 ? "ascending" : "descending";
      const sorted = document.createDocumentFragment();
      for (const index of this.order) sorted.append(this.rows[index]);
      this.show();
      this.body.append(sorted);
    }

    makeSortable() {
      for (const head of this.table.tHead.rows[0].cells) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        button.addEventListener("click", () => this.sort(head));
        const printed = document.createElement("span");
        printed.className = "on-paper";
        printed.textContent = head.textContent;
        head.replaceChildren(button, printed);
        head.ariaSort = "none";
      }
      const status = this.codes.status ?? [];
      const [first] = this.table.tHead.rows[0].cells;
      if (status.length && status.every((code, index) => !index || code >= status[index - 1])) first.ariaSort = "ascending";
    }
  }

  const tables = data.tables.map((table) => new Rows(table));

  function apply() {
    const wanted = {};
    for (const facet of facets) if (form.elements[facet].value) wanted[facet] = Number(form.elements[facet].value);
    /* The tables name most keys and buckets without the first part of their ARN. */
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean)
      .map((word) => word.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:(key\/)?(?=.)/, ""));
    for (const table of tables) table.filter(words, wanted);
    shown.classList.toggle("filtered", words.length > 0 || Object.keys(wanted).length > 0);
    clear.hidden = !words.length && !Object.keys(wanted).length;
    shown.value = `Shown: ${tables.map((table) => table.sentence).join(", ")}`;
  }

  /* The state of the filter is in the address, so that a link keeps it. */
  let address = "";

  function write() {
    const state = new URLSearchParams();
    if (form.elements.q.value.trim()) state.set("q", form.elements.q.value.trim());
    for (const facet of facets) {
      const code = form.elements[facet].value;
      if (code) state.set(facet, data.facets[facet][code][0]);
    }
    address = state.toString();
    /* A page in a frame without an origin may not change its address. */
    try { history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search); } catch { }
  }

  function read() {
    const state = new URLSearchParams(location.hash.slice(1));
    form.elements.q.value = state.get("q") ?? "";
    for (const facet of facets) {
      const code = data.facets[facet].findIndex(([value]) => value === state.get(facet));
      form.elements[facet].value = code < 0 ? "" : code;
    }
    apply();
    write();
  }

  for (const facet of facets) {
    const select = form.elements[facet];
    data.facets[facet].forEach(([, label], code) => select.add(new Option(label, code)));
    select.parentElement.hidden = data.facets[facet].length < 2;
  }

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); write(); }, 80);
  });
  form.addEventListener("reset", () => setTimeout(() => { apply(); write(); form.elements.q.focus(); }));
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); write(); });
  addEventListener("hashchange", () => {
    if (location.hash.includes("=")) {
      read();
      byId("resources").scrollIntoView();
      byId("resources-title").focus({ preventScroll: true });
    } else if (address) write();
  });

  /* Copies the text of a task. Where the browser has no clipboard for this page, the text is selected. */
  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const text = button.nextElementSibling;
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(text);
        button.textContent = "Selected";
      }
      byId("said").textContent = button.textContent;
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  /* All details are open on paper. */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });

  for (const control of document.querySelectorAll(".only-script")) control.hidden = false;
  if (!tables.length) form.hidden = true;
  if (location.hash.includes("=")) {
    read();
    byId("resources").scrollIntoView();
  } else apply();
})();
