import { useTexts } from "../i18n/i18n.ts";
import { Field, PasswordField, ProblemNote } from "../parts/form.tsx";
import { textOf } from "../parts/form-data.ts";
import { useAction } from "../parts/use-action.ts";
import { signIn } from "./session.ts";

export function SignInForm() {
	const t = useTexts();
	const { busy, problem, run } = useAction(signIn, { UNAUTHENTICATED: t.wrongLogin });
	return (
		<form
			className="app-form"
			onSubmit={event => {
				event.preventDefault();
				const data = new FormData(event.currentTarget);
				void run(textOf(data, "login").trim(), textOf(data, "password"));
			}}
		>
			<Field
				label={t.login}
				name="login"
				autoComplete="username"
				autoCapitalize="none"
				spellCheck={false}
				required
				error={problem?.fields.login}
			/>
			<PasswordField
				label={t.password}
				name="password"
				autoComplete="current-password"
				required
				error={problem?.fields.password}
			/>
			<ProblemNote problem={problem} />
			<button type="submit" className="app-button app-button-main" disabled={busy}>
				{busy ? t.signingIn : t.signIn}
			</button>
		</form>
	);
}
