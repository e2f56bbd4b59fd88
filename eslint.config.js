import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["commentsvc/static/*.js"],
    languageOptions: { sourceType: "script", globals: globals.browser },
    rules: {
      eqeqeq: "error",
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
