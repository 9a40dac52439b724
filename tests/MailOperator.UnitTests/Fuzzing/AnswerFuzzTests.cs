using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.Webhook;
using MailOperator.Kubernetes;
using MailOperator.MailServers;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>Answers of mail systems: read, or refused in a way that the driver knows.</summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed class AnswerFuzzTests
{
    private const string Target = "answers";
    private const string Secret = "$2y$04$fuzzedhash";

    private static readonly ImmutableArray<string> Mailboxes = ["a@example.com", "b@example.com"];
    private static readonly SlotOwner Owner = new("cluster", "uid-a");
    private static readonly Gen<byte[]> Answers = JsonEdits.Of(Fuzz.Corpus(Target));

    [Fact]
    public void Doveadm_OfAnyBytes_IsSuccessOnlyIfEachCommandSucceeded() => Fuzz.Run(Target, Answers, static bytes =>
    {
        // Mutants: a command without an answer passes, a number that is none throws, the server's words have no end.
        if (DoveadmCommands.ProblemIn(bytes, Mailboxes, flushesCache: true, endsSessions: true) is { } problem)
        {
            MachineWords.AssertNoneIn(problem);
            Assert.InRange(problem.Length, 1, 300);
            Assert.DoesNotContain(problem, char.IsControl);
            return;
        }

        string text = Encoding.UTF8.GetString(bytes);
        Assert.All(["authCacheFlush", "kick a@example.com", "kick b@example.com"], tag => Assert.Contains(tag, text));
    });

    [Fact]
    public void Webhook_OfAnyBytes_IsReadOrNotOfTheContract() => Fuzz.Run(Target, Answers, static bytes =>
    {
        // Mutants: null in a list, one selector twice, an exception that the client does not know.
        try
        {
            WebhookSlots? slots = JsonSerializer.Deserialize<WebhookSlots>(bytes, ApiJson.Options);
            ImmutableArray<Slot> read = WebhookSlot.ToSlots(slots?.Slots ?? [], Owner);
            Assert.Distinct(read.Select(static slot => slot.Selector));
            Assert.DoesNotContain(read, static slot => slot.Restrictions.AllowedNetworks.Contains(null!));
        }
        catch (JsonException)
        {
            // "its answer does not match version 1 of the contract"
        }

        try
        {
            WebhookPage? page = JsonSerializer.Deserialize<WebhookPage>(bytes, ApiJson.Options);
            foreach (WebhookDevice? device in page?.Devices ?? [])
            {
                WebhookSlot.ToSlots(device?.Slots ?? [], Owner);
            }
        }
        catch (JsonException)
        {
            // the same
        }
    });

    [Fact]
    public void WebhookProblems_OfAnyBytes_AreToldWithoutSecrets() => Fuzz.Run(Target, Answers, static bytes =>
    {
        // Mutants: quotes without looking for the hash, throws for a document of another shape.
        var spec = new WebhookSpec { Url = "https://hook" };
        var gate = new RetryAfterGate(TimeProvider.System);
        var answers = new WebhookAnswers(spec, gate, "fuzzed-token-0123", TimeProvider.System);
        WebhookSlot[] slots = [WebhookSlot.Of(new Slot
        {
            Owner = Owner,
            Selector = "aaaaaa",
            Mailbox = "a@example.com",
            Hash = Secret,
            IssuedAt = DateTimeOffset.UnixEpoch,
            Restrictions = new SlotRestrictions { DeviceName = "shop/a", Protocols = [MailProtocol.IMAP] },
        })];
        foreach (HttpStatusCode code in (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.BadRequest])
        {
            using var response = new HttpResponseMessage(code) { Content = new ByteArrayContent([]) };
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/problem+json");
            string message = answers.Failure(response, bytes, slots).Message;

            Assert.InRange(message.Length, 1, 600);
            Assert.DoesNotContain(message, char.IsControl);
            Assert.DoesNotContain("fuzzedhash", message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("fuzzed-token", message, StringComparison.OrdinalIgnoreCase);
        }
    });

    [Fact]
    public void Infomaniak_OfAnyBytes_IsReadOrNotOfTheApi() => Fuzz.Run(Target, Answers, static bytes =>
    {
        // Mutants: an invalid time or protocol that is not refused, a password that is no text.
        try
        {
            ApiAnswers.Read<JsonElement>(bytes);
            ApiAnswers.Read<GeneratedPassword>(bytes).Data?.Password.Dispose();
        }
        catch (JsonException)
        {
            // "the answer does not match the description of its API"
        }

        try
        {
            foreach (DeviceAccess access in ApiAnswers.Read<DeviceAccess[]>(bytes).Data ?? [])
            {
                if (access?.Label is { } label)
                {
                    Slot slot = DeviceAccess.ToSlot([access], "a@example.com");
                    Assert.Equal(label.Owner, slot.Owner);
                }
            }
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            Assert.True(e is JsonException || !MachineWords.AreIn(e.Message), e.Message);
        }
    });

    [Fact]
    public void Words_OfAServer_AreShownOnOneLineAndWithoutThePassword() => Fuzz.Run(Target, Answers, static bytes =>
    {
        // Mutants: a part of the password, its Base64, or one that only the change of control characters makes.
        string said = Encoding.Latin1.GetString(bytes);
        foreach (string secret in (string[])["correct horse battery", "it's \"quoted\" text", "aaaaaaaaaa", "x"])
        {
            using var password = new AppPassword(Encoding.UTF8.GetBytes(secret));
            string shown = ServerText.Quote(said, "a@example.com", password);

            Assert.InRange(shown.Length, 1, ServerText.MaxLength + 20);
            Assert.DoesNotContain(shown, static one => one is < ' ' or > '~');
            string words = shown.StartsWith("it says", StringComparison.Ordinal) ? shown["it says".Length..] : "";
            int part = Math.Min(8, secret.Length);
            Assert.All(Enumerable.Range(0, secret.Length - part + 1), at => Assert.DoesNotContain(
                secret.Substring(at, part).Replace('"', '\''), words, StringComparison.OrdinalIgnoreCase));
        }
    });
}
