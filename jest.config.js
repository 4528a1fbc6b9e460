// The limits come from scripts/test.ts, which knows what kind of tests it runs.
const { PARLEY_TEST_MS = "15000", PARLEY_TEST_FRESH_PROCESS, PARLEY_FORM } = process.env;

export default {
	roots: ["<rootDir>/test"],
	testMatch: ["**/*.test.{ts,tsx}"],
	testEnvironment: "<rootDir>/test/support/environment.js",
	extensionsToTreatAsEsm: [".ts", ".tsx"],
	transform: {
		"\\.ts$": "<rootDir>/test/support/strip-types.js",
		"\\.tsx$": "<rootDir>/test/support/jsx.js",
	},
	// The client's packages are tested from their sources.
	moduleNameMapper: {
		"^@parley/client$": "<rootDir>/client/index.ts",
		"^@parley/client/browser$": "<rootDir>/client/browser.ts",
		"^@parley/react$": "<rootDir>/client/react/index.ts",
	},
	injectGlobals: false,
	testTimeout: Number(PARLEY_TEST_MS),
	// Any limit keeps tests out of Jest's own process, where one that hangs or crashes would end the run. The
	// least limit gives each file a process of its own, so that what one leaves behind cannot disturb the next.
	workerIdleMemoryLimit: PARLEY_TEST_FRESH_PROCESS ? 1 : "2GB",
	watchman: false,
	// Behaviours run against one form of the server, started once for all of their files.
	...(PARLEY_FORM && {
		globalSetup: "<rootDir>/test/support/form-setup.ts",
		globalTeardown: "<rootDir>/test/support/form-teardown.ts",
	}),
};
