using System.Text;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// Reads the lines that others append to a file, also after it was rotated, recreated or truncated. Skips what it held
/// at the first read, because its age is unknown. Not thread-safe.
/// </summary>
internal sealed class LogFollower(string path) : IDisposable
{
    private const int MaxLineLength = 8 * 1024;
    private const int MaxPerSweep = 64 * 1024 * 1024;

    private readonly byte[] _chunk = new byte[64 * 1024];
    private readonly MemoryStream _line = new();
    private FileStream? _file;
    private bool _isAllNew;

    /// <summary>Passes on every line that was completed since the last call; a line over 8 KiB is cut.</summary>
    /// <exception cref="IOException">The file does not exist or is not a regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public async Task ReadAsync(Action<string> take, CancellationToken cancellationToken)
    {
        _file ??= Open();
        await ReadOnAsync(_file, take, cancellationToken);
        if (PosixFile.Find(path) is { } now && now.Inode != PosixFile.InodeOf(_file.SafeFileHandle))
        {
            Dispose();
            _isAllNew = true;
            _file = Open();
            await ReadOnAsync(_file, take, cancellationToken);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        _line.SetLength(0);
    }

    private FileStream Open()
    {
        if (PosixFile.Find(path) is { IsRegular: false })
        {
            // Opening a pipe would block until somebody writes to it.
            throw new IOException($"'{path}' is not a regular file.");
        }

        try
        {
            FileStream file = new(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0,
                useAsync: true);
            file.Seek(0, _isAllNew ? SeekOrigin.Begin : SeekOrigin.End);
            return file;
        }
        catch (FileNotFoundException)
        {
            _isAllNew = true; // its lines will all be newer than this read
            throw;
        }
    }

    private async Task ReadOnAsync(FileStream file, Action<string> take, CancellationToken cancellationToken)
    {
        if (file.Length < file.Position)
        {
            file.Position = 0;
            _line.SetLength(0);
        }

        for (int read = 0; read < MaxPerSweep;)
        {
            int count = await file.ReadAsync(_chunk, cancellationToken);
            if (count == 0)
            {
                return;
            }

            read += count;
            Split(_chunk.AsSpan(0, count), take);
        }
    }

    private void Split(ReadOnlySpan<byte> bytes, Action<string> take)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and int end)
        {
            Append(bytes[..end]);
            take(Encoding.UTF8.GetString(_line.GetBuffer().AsSpan(0, (int)_line.Length)));
            _line.SetLength(0);
            bytes = bytes[(end + 1)..];
        }

        Append(bytes);
    }

    private void Append(ReadOnlySpan<byte> bytes) =>
        _line.Write(bytes[..Math.Min(bytes.Length, MaxLineLength - (int)_line.Length)]);
}
