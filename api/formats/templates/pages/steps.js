// One step at a time. Without this, all steps stand on the page, with links between them.
const form = document.querySelector("form.steps"), steps = [...form.querySelectorAll(".step")];
const finish = form.querySelector(".finish"), edit = form.querySelector(".edit"), told = document.createElement("p");
const back = button("Back", "second back", () => move(at - 1)), next = button("Next", "next", go);
let at = Math.max(steps.findIndex((step) => step.querySelector(".wrong")), 0);

function button(label, classes, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: label, className: classes });
  made.addEventListener("click", act);
  return made;
}

function show(n) {
  at = n;
  steps.forEach((step, number) => { step.hidden = number !== n; });
  back.hidden = n === 0;
  next.hidden = n === steps.length - 1;
  finish.hidden = !next.hidden;
  if (edit) edit.hidden = n > 0;
  told.remove();
}

function move(n) {
  show(n);
  steps[n].querySelector("h2").focus();
}

function go() {
  const step = steps[at];
  const open = [...step.querySelectorAll("fieldset")].find((question) => !question.querySelector(":checked"));
  if (step.matches(".stops") && step.querySelector(":checked:not([value=no])")) return form.requestSubmit();
  if (!open) return move(at + 1);
  open.querySelector("legend").after(told);
  told.textContent = "Please choose an answer.";
  open.querySelector("input").focus();
}

if (steps.length > 1) {
  told.className = "error";
  told.setAttribute("role", "alert");
  form.querySelector(".contents").hidden = true;
  finish.before(back, next);
  for (const link of document.querySelectorAll(".errors a")) {
    link.addEventListener("click", () => show(steps.findIndex((step) => step.contains(document.getElementById(link.hash.slice(1))))));
  }
  show(at);
}
