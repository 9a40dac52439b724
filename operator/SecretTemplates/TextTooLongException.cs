namespace MailOperator.SecretTemplates;

/// <summary>The result of a template is too long. The message contains nothing of it.</summary>
internal sealed class TextTooLongException(int maxLength)
    : Exception($"A template gives more than {maxLength} characters.");
