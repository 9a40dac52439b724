namespace MailOperator.Backends.PasswdFile;

/// <summary>Where the text of a passwd-file is kept. Fails only with <see cref="MailBackendException"/>.</summary>
internal interface IPasswdFileTarget
{
    /// <summary>Time between two writes of a burst, so that many devices share one.</summary>
    TimeSpan WriteInterval { get; }

    /// <summary>A text read within this time serves for listing without being read again; writing always reads.</summary>
    TimeSpan ReadFreshness { get; }

    /// <inheritdoc cref="IMailBackend.PropagationDelay"/>
    TimeSpan PropagationDelay { get; }

    /// <summary>
    /// How long from now until a mail server must see what has just been written; zero where nothing here can tell.
    /// </summary>
    TimeSpan VisibleIn { get; }

    /// <summary>
    /// The text and the version that it has; null text if <paramref name="known"/> is still the version.
    /// What is not there yet is an empty text.
    /// </summary>
    Task<(string? Text, string Version)> ReadAsync(string? known, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a text in place of the version, whole or not at all, and returns the new version;
    /// null if the version there is another by now.
    /// </summary>
    Task<string?> TryWriteAsync(string text, string version, CancellationToken cancellationToken);
}
