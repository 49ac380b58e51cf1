import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ITestCase, type ITestCaseHandler, ManifestLoader, testCaseFromResource, Util } from "rdf-test-suite";
import { Fault } from "../../src/outcome/fault.ts";

/** Where the suite lies when nothing else is said: beside the project, as it came from the W3C. */
export const SUITE_FOLDER = join(import.meta.dirname, "../../../shared/data/w3c-sparql11");

/**
 * The IRIs under which the files of the folder are known; nothing is fetched from there. `http`, because
 * rdf-test-suite writes the graph names of update tests so, and both sides must agree.
 */
const BASE = "http://w3c.github.io/rdf-tests/sparql/sparql11/";

/** One test of a manifest, ready to run. */
export type Test = ITestCase<unknown> & {
  /** Where the expected result of a query stands. */
  readonly resultSource?: { readonly url: string };
};

type Handlers = Record<string, ITestCaseHandler<Test>>;
type Resource = Parameters<ITestCaseHandler<Test>["resourceToTestCase"]>[0];

/**
 * Every test of a manifest and of those it includes: what its lists name, in their order, and then what is defined and
 * in no list. A test that cannot be loaded is there too, and fails with the reason, so that none is lost silently.
 * @param folder a copy of the W3C's `sparql11` folder
 * @param manifest its path in there
 * @throws Fault `configuration` when the folder or the manifest is not there
 */
export async function loadTests(folder: string, manifest: string): Promise<readonly Test[]> {
  if (!existsSync(join(folder, manifest))) {
    throw new Fault(
      "configuration",
      `Expected the W3C SPARQL 1.1 suite with ${manifest} in ${folder}, but it is not there; name the folder with --suite DIR.`,
    );
  }
  LocalFiles.knowRdfXml();
  const options = { urlToFileMappings: [{ url: BASE, path: join(folder, "/") }] };
  const loader = new OpenManifestLoader();
  const listed = testsOf(await loader.from(BASE + manifest, options));
  const known = new Set(listed.map(({ uri }) => uri));
  const unlisted = Object.values(loader.resources)
    .filter((resource) => !known.has(resource.value) && resource.properties["types"]?.some(isTestType) === true)
    .map((resource) => testCaseFromResource(HANDLERS, options, resource));
  return [...listed, ...((await Promise.all(unlisted)) as readonly Test[])];
}

interface Manifest {
  readonly testEntries?: readonly unknown[];
  readonly subManifests?: readonly Manifest[];
}

function testsOf({ testEntries = [], subManifests = [] }: Manifest): readonly Test[] {
  return [...(testEntries as readonly Test[]), ...subManifests.flatMap(testsOf)];
}

const isTestType = ({ value }: { readonly value: string }): boolean => Object.hasOwn(HANDLERS, value);

/** rdf-test-suite says what it cannot load on the console and goes on; here it becomes a test that fails. */
function failingLoudly(handler: ITestCaseHandler<Test>): ITestCaseHandler<Test> {
  return {
    resourceToTestCase: async (resource, data, options) => {
      try {
        return await handler.resourceToTestCase(resource, data, options);
      } catch (error) {
        const reason = new Error(`It cannot be loaded: ${String(error)}`, { cause: error });
        return { ...data, type: "broken", test: () => Promise.reject(reason) };
      }
    },
  };
}

const HANDLERS: Handlers = Object.fromEntries(
  Object.entries(ManifestLoader.defaultTestCaseHandlers as Handlers).map(([type, handler]) => [
    type,
    failingLoudly(handler),
  ]),
);

/** Shows the resources of all manifests it read, which rdf-test-suite keeps to itself. */
class OpenManifestLoader extends ManifestLoader {
  resources: Readonly<Record<string, Resource>> = {};

  constructor() {
    super({ testCaseHandlers: HANDLERS });
  }

  protected override import(
    objects: { readonly resources: Readonly<Record<string, Resource>> },
    ...rest: readonly [url: string, options?: object]
  ): Promise<Resource> {
    this.resources = objects.resources;
    return super.import(objects as never, ...rest);
  }
}

/** COMPAT: rdf-test-suite 2.8.0 knows no `.rdf` files without a server that names their type, and left ten tests out. */
class LocalFiles extends Util {
  static knowRdfXml(): void {
    Util.extensionToContentType["rdf"] = "application/rdf+xml";
  }
}
