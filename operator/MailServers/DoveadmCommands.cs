using System.Collections.Immutable;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.MailServers;

/// <summary>Writes commands for doveadm's HTTP API and reads the responses.</summary>
internal static class DoveadmCommands
{
    // EX_NOUSER: nobody is logged in, so there is no session to end.
    private const int NoUser = 68;
    private const int MaxType = 64;
    private const string Flush = "authCacheFlush";
    private const string Kick = "kick";

    /// <summary>
    /// Flushes the cache first: a client whose session ends reconnects at once, and the cache must not accept it.
    /// </summary>
    public static byte[] Write(ImmutableArray<string> mailboxes, bool flushesCache, bool endsSessions) =>
        ApiJson.Write(json =>
        {
            json.WriteStartArray();
            if (flushesCache)
            {
                WriteCommand(json, Flush, "user", mailboxes, tag: Flush);
            }

            if (endsSessions)
            {
                foreach (string mailbox in mailboxes)
                {
                    WriteCommand(json, Kick, "mask", [mailbox], tag: $"{Kick} {mailbox}");
                }
            }

            json.WriteEndArray();
        });

    /// <summary>What failed, in a few words; null if nothing did.</summary>
    public static string? ProblemIn(
        byte[] answer, ImmutableArray<string> mailboxes, bool flushesCache, bool endsSessions)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            Dictionary<string, JsonElement> responses =
                document.RootElement.EnumerateArray().ToDictionary(static one => one[2].GetString()!);
            string[] commands =
            [
                .. flushesCache ? [Flush] : Array.Empty<string>(),
                .. endsSessions ? mailboxes.Select(static mailbox => $"{Kick} {mailbox}") : [],
            ];
            return commands
                .Select(command => responses.TryGetValue(command, out JsonElement response)
                    ? ProblemIn(command, response)
                    : $"{command}: no answer")
                .FirstOrDefault(static problem => problem is not null);
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or IndexOutOfRangeException or ArgumentException)
        {
            return "its answer is not that of doveadm";
        }
    }

    private static string? ProblemIn(string command, JsonElement answer)
    {
        if (answer[0].GetString() == "doveadmResponse")
        {
            return null;
        }

        string type = answer[1].TryGetProperty("type", out JsonElement text) ? text.GetString() ?? "" : "";
        int code = 0;
        if (type.Length > MaxType || !type.All(char.IsAsciiLetter)
            || (answer[1].TryGetProperty("exitCode", out JsonElement number) && !number.TryGetInt32(out code)))
        {
            throw new JsonException(); // it would not be fit for a condition
        }

        return type == "exitCode" && code == NoUser ? null : $"{command}: {type} {code}";
    }

    private static void WriteCommand(
        Utf8JsonWriter json, string name, string parameter, ImmutableArray<string> values, string tag)
    {
        json.WriteStartArray();
        json.WriteStringValue(name);
        json.WriteStartObject();
        json.WriteStartArray(parameter);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStringValue(tag);
        json.WriteEndArray();
    }
}
