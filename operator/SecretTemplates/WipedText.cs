using System.Text;

namespace MailOperator.SecretTemplates;

/// <summary>Collects text up to a length, in one buffer that Dispose overwrites.</summary>
internal sealed class WipedText(int maxLength) : TextWriter
{
    private char[] _text = new char[Math.Min(maxLength, 256)];
    private int _length;

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (buffer.Length > maxLength - _length)
        {
            throw new TextTooLongException(maxLength);
        }

        if (_length + buffer.Length > _text.Length)
        {
            Grow(_length + buffer.Length);
        }

        buffer.CopyTo(_text.AsSpan(_length));
        _length += buffer.Length;
    }

    public override Task WriteAsync(char value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(char[] buffer, int index, int count)
    {
        Write(buffer, index, count);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return Task.CompletedTask;
    }

    /// <summary>A copy, which the caller wipes.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text, 0, _length);

    protected override void Dispose(bool disposing)
    {
        Array.Clear(_text);
        base.Dispose(disposing);
    }

    private void Grow(int needed)
    {
        char[] before = _text;
        _text = new char[Math.Min(maxLength, Math.Max(needed, 2 * before.Length))];
        before.AsSpan(0, _length).CopyTo(_text);
        Array.Clear(before);
    }
}
