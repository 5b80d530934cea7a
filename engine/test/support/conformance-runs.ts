/** What each program of the conformance set goes through. Two steps: the second changes something of everything. */
import { type Conformance, type Engine } from "./conformance";

/** Settings that the second step of a program takes, and the first does not know. */
async function secondStep(run: Conformance): Promise<void> {
  await run.step(2);
  if (run.program === "secrets") await run.set("password", "secret-of-the-second-step", "--secret");
  if (run.program === "configuration") {
    await run.set("ports[0]", "8080", "--path");
    await run.set("enabled", "true");
    await run.set("object.name", "thing", "--path");
    await run.set("object.sizes[0]", "7", "--path");
    await run.set("object.password", "secret-within-an-object", "--path", "--secret");
    await run.set("other:key", "value-of-another-namespace");
  }
}

/** Reading everything changes nothing; what a stack that refers to itself has said since its last update, it learns. */
async function refreshed(run: Conformance, engine: Engine): Promise<void> {
  if (run.program === "references") await run.must(engine, "refresh", "--yes", "--skip-preview");
  await run.must(engine, "refresh", "--yes", "--skip-preview", "--expect-no-changes", "--diff");
}

/** Whatever an engine wrote, no secret of a program is in it. */
function keepsSecrets(run: Conformance): void {
  for (const secret of ["secret-of-the", "secret-within", "token-made-by", "hidden-in", "hidden-login"]) {
    expect(run.written).not.toContain(secret);
  }
}

export async function alone(run: Conformance): Promise<void> {
  try {
    await run.init("embedded");
    await run.up("embedded");
    await run.nothingToDo("embedded");
    await secondStep(run);
    await run.up("embedded");
    await run.nothingToDo("embedded");
    await refreshed(run, "embedded");
    await run.handOver("embedded", "embedded");
    keepsSecrets(run);
    await run.destroy("embedded");
    keepsSecrets(run);
  } finally {
    await cleanUp(run, "embedded");
  }
}

export async function embeddedFirst(run: Conformance): Promise<void> {
  try {
    await run.init("embedded");
    await run.up("embedded");
    await run.nothingToDo("cli");
    await secondStep(run);
    await run.up("cli");
    await run.nothingToDo("embedded");
    await refreshed(run, "cli");
    await run.nothingToDo("embedded");
    await sameAnswers(run);
    await run.handOver("embedded", "cli");
    await run.handOver("cli", "embedded");
    keepsSecrets(run);
    await run.destroy("cli");
  } finally {
    await cleanUp(run, "embedded");
  }
}

export async function cliFirst(run: Conformance): Promise<void> {
  try {
    await run.init("cli");
    await run.up("cli");
    await run.nothingToDo("embedded");
    await secondStep(run);
    await run.up("embedded");
    await run.nothingToDo("cli");
    await refreshed(run, "embedded");
    await run.nothingToDo("cli");
    await sameAnswers(run);
    keepsSecrets(run);
    await run.destroy("embedded");
  } finally {
    await cleanUp(run, "embedded");
  }
}

/** Both engines tell the same about one state. */
async function sameAnswers(run: Conformance): Promise<void> {
  const answers = async (engine: Engine): Promise<unknown> => {
    await run.must(engine, "stack", "graph", "graph.dot");
    return {
      outputs: JSON.parse((await run.must(engine, "stack", "output", "--json", "--show-secrets")).stdout) as unknown,
      history: JSON.parse((await run.must(engine, "stack", "history", "--json", "--show-secrets")).stdout) as unknown,
      graph: run.read("graph.dot"),
    };
  };
  expect(await answers("embedded")).toEqual(await answers("cli"));
}

/** A test that failed halfway leaves nothing behind. */
async function cleanUp(run: Conformance, engine: Engine): Promise<void> {
  if (run.exists && run.resources.length > 0) {
    await run.try(engine, "destroy", "--yes", "--skip-preview");
  }
  run.dispose();
}
