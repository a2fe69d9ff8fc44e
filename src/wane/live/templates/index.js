/* The index of a folder of studies. */
"use strict";

const HEADERS = ["study", "state", "runsDone", "best", "lastChange"].map((name) => say(name));

follow((known) => {
  setText(byId("about"), counted(known.studies.length, "study"));
  const rows = known.studies.map((study) => ({
    link: `studies/${encodeURIComponent(study.folder)}/`,
    cells: [
      study.shown === study.name ? study.shown : say("bothNames", { folder: study.shown, name: study.name }),
      study.error || WORDS.states[study.state],
      ofAll(study),
      study.best === null ? "–" : say("value", { name: study.best, metric: say("validation", { metric: study.column }), value: study.value }),
      new Date(1000 * study.changed).toLocaleString(),
    ],
  }));
  fillTable(byId("studies"), HEADERS, rows);
});
