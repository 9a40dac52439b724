using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.UnitTests.Backends.Ldap;

/// <summary>A directory on loopback with scripted answers. It stores nothing and accepts every bind.</summary>
internal sealed class ScriptedDirectory : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedDirectory()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The result of every search but those for a single entry.</summary>
    public IReadOnlyList<LdapEntry> Entries { get; set; } = [];

    /// <summary>The value of hasSubordinates of every single entry; null for none.</summary>
    public string? HasSubordinates { get; set; } = "FALSE";

    /// <summary>The result code of every search.</summary>
    public LdapCode SearchEnd { get; set; } = LdapCode.Success;

    /// <summary>Whether every search refers to another directory.</summary>
    public bool IsPart { get; set; }

    /// <summary>The result code and message of a change, given as in <see cref="Changes"/>.</summary>
    public Func<string, (LdapCode Code, string Says)> Judge { get; set; } = static _ => (LdapCode.Success, "");

    /// <summary>Each as <c>add DN</c>, <c>delete DN</c> or <c>modify DN ATTRIBUTE=VALUE,VALUE …</c>.</summary>
    public ConcurrentQueue<string> Changes { get; } = new();

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            try
            {
                while (true)
                {
                    foreach (byte[] answer in Answers(await ReadAsync(stream)))
                    {
                        await stream.WriteAsync(answer);
                    }
                }
            }
            catch (IOException)
            {
                // The client has gone.
            }
        }
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream)
    {
        byte[] head = new byte[6];
        await stream.ReadExactlyAsync(head.AsMemory(0, 2));
        int more = head[1] < 0x80 ? 0 : head[1] & 0x7f;
        await stream.ReadExactlyAsync(head.AsMemory(2, more));
        int length = more == 0
            ? head[1]
            : head.AsSpan(2, more).ToArray().Aggregate(0, static (sum, part) => (sum << 8) | part);
        byte[] message = new byte[2 + more + length];
        head.AsSpan(0, 2 + more).CopyTo(message);
        await stream.ReadExactlyAsync(message.AsMemory(2 + more));
        return message;
    }

    private IEnumerable<byte[]> Answers(byte[] message)
    {
        AsnReader envelope = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
        envelope.TryReadInt32(out int id);
        int kind = envelope.PeekTag().TagValue;
        if (kind == 0)
        {
            return [Result(id, 1, LdapCode.Success, "")];
        }

        if (kind == 3)
        {
            return [.. Found(envelope.ReadSequence(envelope.PeekTag())).Select(
                entry => Message(id, 4, writer => Write(writer, entry))), .. IsPart
                    ? [Message(id, 19, static writer => Write(writer, "ldap://elsewhere/dc=x"))]
                    : Array.Empty<byte[]>(), Result(id, 5, SearchEnd, "")];
        }

        string change = kind switch
        {
            6 => Modification(envelope.ReadSequence(envelope.PeekTag())),
            8 => $"add {Text(envelope.ReadSequence(envelope.PeekTag()))}",
            10 => $"delete {Encoding.UTF8.GetString(envelope.ReadOctetString(envelope.PeekTag()))}",
            _ => throw new NotSupportedException(),
        };
        Changes.Enqueue(change);
        (LdapCode code, string says) = Judge(change);
        return [Result(id, kind + 1, code, says)];
    }

    private IReadOnlyList<LdapEntry> Found(AsnReader search)
    {
        string dn = Text(search);
        bool isOfOne = search.ReadEnumeratedBytes().Span[^1] == (int)LdapScope.Base;
        return isOfOne
            ? [new LdapEntry(dn, new Dictionary<string, IReadOnlyList<string>>
            {
                ["hasSubordinates"] = HasSubordinates is null ? [] : [HasSubordinates],
            })]
            : Entries;
    }

    private static string Modification(AsnReader request)
    {
        string dn = Text(request);
        var changes = new List<string>();
        AsnReader list = request.ReadSequence();
        while (list.HasData)
        {
            AsnReader change = list.ReadSequence();
            change.ReadEnumeratedBytes();
            AsnReader attribute = change.ReadSequence();
            string name = Text(attribute);
            AsnReader values = attribute.ReadSetOf(skipSortOrderValidation: true);
            var texts = new List<string>();
            while (values.HasData)
            {
                texts.Add(Text(values));
            }

            changes.Add($"{name}={string.Join(',', texts)}");
        }

        return $"modify {dn} {string.Join(' ', changes)}";
    }

    private static byte[] Result(int id, int kind, LdapCode code, string says) => Message(id, kind, writer =>
    {
        writer.WriteEnumeratedValue(code);
        Write(writer, "");
        Write(writer, says);
    });

    private static byte[] Message(int id, int kind, Action<AsnWriter> content)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(LdapOperation.Request(kind)))
            {
                content(writer);
            }
        }

        return writer.Encode();
    }

    private static void Write(AsnWriter writer, LdapEntry entry)
    {
        Write(writer, entry.Dn);
        using (writer.PushSequence())
        {
            foreach ((string name, IReadOnlyList<string> values) in entry.Attributes)
            {
                using (writer.PushSequence())
                {
                    Write(writer, name);
                    using (writer.PushSetOf())
                    {
                        foreach (string value in values)
                        {
                            Write(writer, value);
                        }
                    }
                }
            }
        }
    }

    private static void Write(AsnWriter writer, string text) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text));

    private static string Text(AsnReader reader) => Encoding.UTF8.GetString(reader.ReadOctetString());
}
