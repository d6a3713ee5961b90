export default {
  library: { input: "./openapi.json", output: { target: "./gen/orval.ts", client: "fetch", mode: "single" } },
};
