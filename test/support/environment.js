import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { TestEnvironment } from "jest-environment-node";

const { PARLEY_TEST_FILE_MS, PARLEY_TEST_RUN_FOLDER } = process.env;

/**
 * Jest has a time limit for each test and none for a file. A file over its limit takes its process with it; Jest then
 * tries it again in a new one, where the mark that was left here makes it fail with a reason.
 */
export default class Environment extends TestEnvironment {
	#limit;
	#file;

	constructor(config, context) {
		super(config, context);
		this.#file = path.relative(config.globalConfig.rootDir, context.testPath);
	}

	async setup() {
		await super.setup();
		if (!PARLEY_TEST_FILE_MS || !PARLEY_TEST_RUN_FOLDER) return;
		const form = process.env.PARLEY_FORM ?? "";
		const name = createHash("sha256").update(`${form} ${this.#file}`).digest("hex");
		const mark = path.join(PARLEY_TEST_RUN_FOLDER, `timed-out-${name}`);
		if (existsSync(mark)) throw new Error(`${this.#file} did not end within ${PARLEY_TEST_FILE_MS} ms.`);
		this.#limit = setTimeout(() => {
			writeFileSync(mark, "");
			process.exit(1);
		}, Number(PARLEY_TEST_FILE_MS));
	}

	async teardown() {
		clearTimeout(this.#limit);
		await super.teardown();
	}
}
