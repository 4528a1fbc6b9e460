import { openDialog, person } from "../dialogs/dialogs.ts";
import { jump } from "../frame/jump.ts";
import { go } from "../router/router.ts";
import { HOME } from "../router/routes.rules.ts";

/** Where somebody stood, and what they had open, is nothing for who comes after them. */
export function leave(): void {
	openDialog.set(null);
	person.set(null);
	jump.set(null);
	go(HOME, "replace");
}
