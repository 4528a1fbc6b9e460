/** What the pages of the storage's tests run. */
import { browser } from "../../client/browser.ts";
import { STORAGE_CASES } from "./storage-cases.ts";

Object.assign(globalThis, { parley: { browser, STORAGE_CASES } });
