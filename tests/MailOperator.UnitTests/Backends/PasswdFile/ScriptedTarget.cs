using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.Backends.PasswdFile;

/// <summary>A passwd-file in memory that counts calls, with hooks for each read and write.</summary>
internal sealed class ScriptedTarget : IPasswdFileTarget
{
    private int _version;

    public string Text { get; private set; } = "";

    public int Reads { get; private set; }

    public int Tries { get; private set; }

    public TimeSpan WriteInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan VisibleIn => TimeSpan.Zero;

    public TimeSpan PropagationDelay => TimeSpan.Zero;

    public TimeSpan ReadFreshness { get; init; }

    /// <summary>Runs before each write; an exception fails the write.</summary>
    public Func<CancellationToken, Task> OnWrite { get; set; } = static _ => Task.CompletedTask;

    public Func<CancellationToken, Task> OnRead { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Changes the text as another program would.</summary>
    public void Set(string text)
    {
        Text = text;
        _version++;
    }

    public async Task<(string? Text, string Version)> ReadAsync(string? known, CancellationToken cancellationToken)
    {
        Reads++;
        await OnRead(cancellationToken);
        return (known == $"{_version}" ? null : Text, $"{_version}");
    }

    public Task CheckWritableAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<string?> TryWriteAsync(string text, string version, CancellationToken cancellationToken)
    {
        Tries++;
        await OnWrite(cancellationToken);
        if (version != $"{_version}")
        {
            return null;
        }

        Set(text);
        return $"{_version}";
    }
}
