// What pages do more where scripts run; each is whole without (CN7).
"use strict";
(() => {
  const wide = window.matchMedia("(min-width: 901px)");

  // A form is sent once; what takes long says so.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.download !== undefined) return; // a file comes, and the page stays as it is
    if (form.dataset.sent === "yes") { event.preventDefault(); return; }
    if ((form.method || "").toLowerCase() !== "post" || event.defaultPrevented) return;
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // "/" goes to the first search field of the page, as in most programs.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const field = document.querySelector("[data-search]");
    if (field) { event.preventDefault(); field.focus(); }
  });

  // <form data-at-once>: a choice is sent as soon as it is made.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-at-once]");
    if (form && event.target.tagName === "SELECT") form.requestSubmit();
  });

  // <figure data-chart="bar|line" data-stacked><div class="chart"></div><table>…: drawn out of the table, which stays.
  function drawn(figure) {
    const place = figure.querySelector(".chart"), table = figure.querySelector("table");
    if (!place || !table || !window.echarts) return;
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent.trim()));
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const number = (text) => { const value = parseFloat(String(text).replace(/,/g, "")); return Number.isNaN(value) ? null : value; };
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      aria: { enabled: true },
      color: [colour("--accent"), colour("--wait"), colour("--strong-line"), colour("--bad"), colour("--good")],
      textStyle: { fontFamily: colour("--font"), fontSize: 13 },
      grid: { left: 8, right: 8, top: 32, bottom: 8, containLabel: true },
      legend: heads.length > 2 ? { top: 0, left: 0, itemHeight: 10 } : undefined,
      tooltip: { trigger: "axis", renderMode: "richText" },
      xAxis: {
        type: "category", data: rows.map((row) => row[0]), axisTick: { show: false },
        axisLabel: { interval: rows.length > 12 ? "auto" : 0, overflow: "truncate", width: Math.max(48, (place.clientWidth - 64) / rows.length - 16) },
      },
      yAxis: { type: "value", minInterval: 1 },
      series: heads.slice(1).map((name, at) => ({
        name, type: figure.dataset.chart, stack: figure.dataset.stacked === undefined ? undefined : "all",
        barMaxWidth: 36, data: rows.map((row) => number(row[at + 1])),
      })),
    });
    window.addEventListener("resize", () => chart.resize());
  }
  for (const figure of document.querySelectorAll("figure[data-chart]")) drawn(figure);

  // <div data-again="3">: what is to be shown is not there yet, so the page is asked for again after seconds.
  const again = document.querySelector("[data-again]");
  if (again) setTimeout(() => window.location.reload(), Number(again.dataset.again) * 1000);

  // The menu of a narrow screen is closed by Escape.
  document.addEventListener("keydown", (event) => {
    const fold = document.querySelector(".menu .fold[open]");
    if (event.key === "Escape" && fold && !wide.matches) { fold.open = false; fold.querySelector("summary").focus(); }
  });
})();
