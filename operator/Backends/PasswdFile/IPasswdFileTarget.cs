namespace MailOperator.Backends.PasswdFile;

/// <summary>Where a passwd-file is stored. Fails only with <see cref="MailBackendException"/>.</summary>
internal interface IPasswdFileTarget
{
    /// <summary>Minimum time between two writes of a burst, so that many devices share one write.</summary>
    TimeSpan WriteInterval { get; }

    /// <summary>Listing may use a text that was read within this time; writing always reads again.</summary>
    TimeSpan ReadFreshness { get; }

    /// <inheritdoc cref="IMailBackend.PropagationDelay"/>
    TimeSpan PropagationDelay { get; }

    /// <summary>
    /// How long until a mail server must see what has just been written; zero where that cannot be known.
    /// </summary>
    TimeSpan VisibleIn { get; }

    /// <summary>
    /// The text (see <see cref="PasswdFileText"/>) and its version; null text if <paramref name="known"/> is still the
    /// version. A missing file is an empty text.
    /// </summary>
    Task<(string? Text, string Version)> ReadAsync(string? known, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the version by a text, atomically, and returns the new version; null if the version has changed since.
    /// </summary>
    Task<string?> TryWriteAsync(string text, string version, CancellationToken cancellationToken);

    /// <inheritdoc cref="IMailBackend.CheckWritableAsync"/>
    Task CheckWritableAsync(CancellationToken cancellationToken);
}
