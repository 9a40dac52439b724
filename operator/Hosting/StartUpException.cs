namespace MailOperator.Hosting;

/// <summary>A role cannot start. The message is a sentence for whoever set it up.</summary>
internal sealed class StartUpException(string message) : Exception(message);
