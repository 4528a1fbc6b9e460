import { useState } from "react";
import { LIMITS } from "../../contracts/limits.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Field, PasswordField, ProblemNote } from "../parts/form.tsx";
import { textOf } from "../parts/form-data.ts";
import { useAction } from "../parts/use-action.ts";
import { problemsOf, type Registration } from "./register.rules.ts";
import { register } from "./session.ts";

export function RegisterForm() {
	const t = useTexts();
	const [early, setEarly] = useState<ReturnType<typeof problemsOf>>({});
	const { busy, problem, run } = useAction(register, { CONFLICT: t.nameTaken });
	const errorOf = (field: keyof Registration) => {
		const known = early[field];
		return known ? t[known] : problem?.fields[field];
	};
	return (
		<form
			className="app-form"
			noValidate
			onSubmit={event => {
				event.preventDefault();
				const data = new FormData(event.currentTarget);
				const wish: Registration = {
					displayName: textOf(data, "displayName").trim(),
					username: textOf(data, "username").trim(),
					email: textOf(data, "email").trim(),
					password: textOf(data, "password"),
				};
				const problems = problemsOf(wish);
				setEarly(problems);
				const [first] = Object.keys(problems);
				if (!first) return void run(wish);
				const field = event.currentTarget.elements.namedItem(first);
				if (field instanceof HTMLInputElement) field.focus();
			}}
		>
			<Field
				label={t.displayName}
				name="displayName"
				hint={t.displayNameHint}
				autoComplete="name"
				maxLength={LIMITS.displayNameMax}
				error={errorOf("displayName")}
			/>
			<Field
				label={t.username}
				name="username"
				hint={t.usernameHint}
				autoComplete="username"
				autoCapitalize="none"
				spellCheck={false}
				maxLength={LIMITS.usernameMax}
				error={errorOf("username")}
			/>
			<Field
				label={t.email}
				name="email"
				type="email"
				autoComplete="email"
				maxLength={LIMITS.emailMax}
				error={errorOf("email")}
			/>
			<PasswordField
				label={t.password}
				name="password"
				hint={t.passwordHint}
				autoComplete="new-password"
				maxLength={LIMITS.passwordMax}
				error={errorOf("password")}
			/>
			<ProblemNote problem={problem} />
			<button type="submit" className="app-button app-button-main" disabled={busy}>
				{busy ? t.registering : t.register}
			</button>
		</form>
	);
}
