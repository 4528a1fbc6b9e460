/** The demo people of development; in production the server knows of none, and nothing is shown. */
import { useEffect, useState } from "react";

export interface DemoPerson {
	username: string;
	displayName: string;
	password: string;
}

let asked: Promise<readonly DemoPerson[]> | null = null;

async function ask(): Promise<readonly DemoPerson[]> {
	try {
		const answer = await fetch("/dev/people.json");
		const found: unknown = answer.ok ? await answer.json() : [];
		return Array.isArray(found) ? found.filter(isPerson) : [];
	} catch {
		asked = null;
		return [];
	}
}

function isPerson(value: unknown): value is DemoPerson {
	if (typeof value !== "object" || value === null) return false;
	const person = value as Record<keyof DemoPerson, unknown>;
	return [person.username, person.displayName, person.password].every(part => typeof part === "string");
}

export function useDemoPeople(): readonly DemoPerson[] {
	const [people, setPeople] = useState<readonly DemoPerson[]>([]);
	useEffect(() => {
		asked ??= ask();
		void asked.then(setPeople);
	}, []);
	return people;
}
