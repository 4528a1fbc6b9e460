import { useState } from "react";
import { LANGUAGE_NAMES, useTexts } from "../i18n/i18n.ts";
import { LANGUAGES } from "../settings/settings.rules.ts";
import { change, language } from "../settings/settings.ts";
import { DemoPeople } from "./demo-people.tsx";
import { RegisterForm } from "./register-form.tsx";
import { SignInForm } from "./sign-in-form.tsx";

/** What a person sees who is not signed in. */
export function Welcome({ hasEnded }: { hasEnded: boolean }) {
	const t = useTexts();
	const [isNew, setNew] = useState(false);
	return (
		<div className="app-welcome">
			<section className="app-welcome-brand" aria-label="Parley">
				<p className="app-brand">
					<img src="/icons/logo.svg" alt="" width="44" height="44" />
					Parley
				</p>
				<p className="app-tagline">{t.tagline}</p>
				<Bubbles />
			</section>
			<main className="app-welcome-main">
				<div className="app-welcome-card">
					{hasEnded && (
						<p className="app-note" role="status">
							{t.sessionEnded}
						</p>
					)}
					<h1>{isNew ? t.registerTitle : t.signInTitle}</h1>
					{isNew ? <RegisterForm /> : <SignInForm />}
					<p className="app-welcome-swap">
						{isNew ? t.toSignIn : t.toRegister}{" "}
						<button type="button" className="app-link" onClick={() => setNew(!isNew)}>
							{isNew ? t.signIn : t.register}
						</button>
					</p>
					<DemoPeople />
				</div>
				<label className="app-welcome-language">
					<span className="app-hidden">{t.language}</span>
					<select
						value={language()}
						onChange={event => {
							const chosen = LANGUAGES.find(known => known === event.target.value);
							if (chosen) change({ language: chosen });
						}}
					>
						{LANGUAGES.map(known => (
							<option key={known} value={known}>
								{LANGUAGE_NAMES[known]}
							</option>
						))}
					</select>
				</label>
			</main>
		</div>
	);
}

/** A conversation without words. */
function Bubbles() {
	return (
		<div className="app-bubbles" aria-hidden="true">
			<span />
			<span />
			<span />
			<span />
			<span />
		</div>
	);
}
