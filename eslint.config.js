import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["commentsvc/static/built/"] },
  js.configs.recommended,
  {
    files: ["commentsvc/static/*/*.js"],
    languageOptions: { ecmaVersion: 2022, globals: globals.browser },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-var": "error",
      "prefer-const": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Markup comes from the service's templates." },
        { property: "outerHTML", message: "Markup comes from the service's templates." },
      ],
    },
  },
];
