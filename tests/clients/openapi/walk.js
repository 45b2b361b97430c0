// Why: the description of the API is read by programs that were made for OpenAPI 3.1, not for Muster: one of theirs judges it.
const path = require("node:path");
const { pathToFileURL } = require("node:url");

async function main() {
    const answer = await fetch(process.env.MUSTER + "/openapi.json");
    const description = await answer.json();
    const { Validator } = await import(pathToFileURL(path.join(process.env.NODE_PATH, "@seriousme", "openapi-schema-validator", "index.js")));
    const judge = async (what, document, good) => {
        const result = await new Validator().validate(structuredClone(document));
        console.log(result.valid === good ? `ok ${what}` : `not ok ${what}: ${JSON.stringify(result.errors)?.slice(0, 2000)}`);
    };
    await judge("the description is valid", description, true);
    const identifiers = Object.values(description.paths).flatMap((item) => Object.values(item).map((operation) => operation.operationId));
    console.log(new Set(identifiers).size === identifiers.length ? "ok each operation has an id of its own" : "not ok two operations share an id: " +
        identifiers.filter((id, at) => identifiers.indexOf(id) !== at));
    // The judge must be one that can say no.
    const bent = structuredClone(description);
    bent.paths["/users"].get.parameters[0].in = "elsewhere";
    await judge("a parameter from elsewhere is not", bent, false);
    console.log("done");
}

main().catch((error) => console.log("not ok the description: " + error.stack));
