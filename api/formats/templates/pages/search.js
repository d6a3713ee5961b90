// Search as you type: fetches the same page with other words and swaps its results. Without this, the button does the same.
const field = document.getElementById("q");
let pause, asked = 0;

async function search() {
  const mine = ++asked;
  const address = new URL(location);
  address.searchParams.delete("cursor");
  address.searchParams.set("q", field.value.trim());
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = new DOMParser().parseFromString(answer ? await answer.text() : "", "text/html");
  if (mine !== asked || !page.getElementById("results")) return;
  for (const id of ["results", "count"]) {
    document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
  }
  history.replaceState(null, "", address);
}

field.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(search, 180);
});
