using System.Collections.Immutable;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.MailServers;

/// <summary>The commands of doveadm's HTTP API that the operator sends, and what the answers mean.</summary>
internal static class DoveadmCommands
{
    // EX_NOUSER: nobody was logged in, so there is nobody whose session could end.
    private const int NobodyThere = 68;
    private const string Flush = "authCacheFlush";
    private const string Kick = "kick";

    /// <summary>The cache first: a client whose session ends comes back at once, and must not be let in from there.</summary>
    public static byte[] Write(ImmutableArray<string> mailboxes, bool flushesCache, bool endsSessions) => ApiJson.Write(json =>
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

    /// <summary>What was not done, in a few words; null if all was.</summary>
    public static string? ProblemIn(byte[] answer, ImmutableArray<string> mailboxes, bool flushesCache, bool endsSessions)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            Dictionary<string, JsonElement> answers = document.RootElement.EnumerateArray().ToDictionary(static one => one[2].GetString()!);
            string[] commands = [.. flushesCache ? [Flush] : Array.Empty<string>(), .. endsSessions ? mailboxes.Select(static mailbox => $"{Kick} {mailbox}") : []];
            return commands.Select(command => answers.TryGetValue(command, out JsonElement one) ? ProblemIn(command, one) : $"{command}: no answer")
                .FirstOrDefault(static problem => problem is not null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IndexOutOfRangeException or ArgumentException)
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
        int code = answer[1].TryGetProperty("exitCode", out JsonElement number) ? number.GetInt32() : 0;
        return type == "exitCode" && code == NobodyThere ? null : $"{command}: {type} {code}";
    }

    private static void WriteCommand(Utf8JsonWriter json, string name, string parameter, ImmutableArray<string> values, string tag)
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
