/** Jest's globalSetup and globalTeardown for test/behaviour: the form that `PARLEY_FORM` names, once for all files. */
import { type FormName, type RunningForm, startForm } from "./nodes.ts";

let form: RunningForm | null = null;

export async function setup(): Promise<void> {
	form = await startForm((process.env.PARLEY_FORM ?? "embedded") as FormName, { CHAT_ADMIN_USERS: "the.admin" });
	process.env.PARLEY_URLS = form.urls.join(",");
	process.env.PARLEY_NAMESPACE = form.env.CHAT_NAMESPACE ?? "chat";
}

export async function teardown(): Promise<void> {
	await form?.stop();
}
