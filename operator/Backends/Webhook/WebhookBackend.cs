using System.Collections.Immutable;
using System.Net.Http.Headers;
using MailOperator.Api;

namespace MailOperator.Backends.Webhook;

/// <summary>
/// Credentials in a mail system that implements the contract in <c>openapi-v1.yaml</c>. A device's slots are one
/// resource: a change reads it and replaces it by compare-and-swap (If-Match).
/// </summary>
internal sealed class WebhookBackend(WebhookSpec spec, CredentialedClient<WebhookCredentials, WebhookClient> clients)
    : IMailBackend, IAsyncDisposable
{
    /// <summary>What the contract requires of every mail system, besides hashes.</summary>
    public const BackendCapabilities Always = BackendCapabilities.Overlap | BackendCapabilities.List;

    private const int MaxConflicts = 5;

    private IReadOnlySet<string>? _offered;

    // Those of the spec, not of the last answer: what a device may rely on must not depend on whether its mail system
    // can be reached. Before a slot that needs a capability is put, it is checked that the mail system offers it.
    public BackendCapabilities DeclaredCapabilities =>
        (spec.Capabilities ?? []).Aggregate(Always, static (all, one) => all | CapabilityOf(one));

    public IPasswordIssuer? Issuer => null;

    public IDeviceUses? Uses => null;

    // By the contract, an answer means that every mail server has the change.
    public TimeSpan PropagationDelay => TimeSpan.Zero;

    public async Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        (await clients.UseAsync((client, token) => client.GetAsync(owner, token), cancellationToken)).Slots;

    public async Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken)
    {
        // The only call that is made every minute in any case: it notices new credentials and capabilities.
        await clients.RefreshAsync(cancellationToken);
        return await clients.UseAsync(
            async (client, token) =>
            {
                ThrowIfNotOffered(await AskOfferAsync(client, token), spec.Capabilities ?? []);
                return await client.ListAsync(instance, token);
            },
            cancellationToken);
    }

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) =>
        change.Put.IsEmpty && change.Remove.IsEmpty ? Task.CompletedTask : clients.UseAsync(
            async (client, token) =>
            {
                if (Needs(change) is { Length: > 0 } needs)
                {
                    ThrowIfNotOffered(_offered ?? await AskOfferAsync(client, token), needs);
                }

                for (int tries = 0; tries < MaxConflicts; tries++)
                {
                    (ImmutableArray<Slot> slots, EntityTagHeaderValue tag) = await client.GetAsync(change.Owner, token);
                    IReadOnlyCollection<Slot> wanted = After(slots, change);
                    if (slots.Select(Put).ToHashSet().SetEquals(wanted.Select(Put))
                        || await client.TryPutAsync(change.Owner, wanted, tag, token))
                    {
                        return true;
                    }
                }

                throw new MailBackendException(
                    BackendFailure.Unavailable,
                    $"Webhook at {spec.Url}: the slots of {change.Owner} were changed by others {MaxConflicts} times "
                    + "while they were being written.");
            },
            cancellationToken);

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) => clients.UseAsync(
        async (client, token) =>
        {
            await client.DeleteAsync(owner, token);
            return true;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => clients.DisposeAsync();

    /// <summary>
    /// The capabilities that the put slots need. Ended slots need none, so that nothing blocks a revocation.
    /// </summary>
    private static WebhookCapability[] Needs(SlotChange change) =>
        [.. change.Put.Where(static slot => slot.End is null).SelectMany(Needs).Distinct().Order()];

    private static IEnumerable<WebhookCapability> Needs(Slot slot)
    {
        if (slot.Restrictions.Protocols.Length < Enum.GetValues<MailProtocol>().Length)
        {
            yield return WebhookCapability.Protocols;
        }

        if (!slot.Restrictions.MaySend)
        {
            yield return WebhookCapability.SendRight;
        }

        if (!slot.Restrictions.AllowedNetworks.IsEmpty)
        {
            yield return WebhookCapability.Networks;
        }

        if (slot.NotAfter is not null)
        {
            yield return WebhookCapability.Expiry;
        }

        if (slot.IsChosen)
        {
            yield return WebhookCapability.ChosenPassword;
        }
    }

    /// <summary>A slot without what the mail system adds.</summary>
    private static Slot Put(Slot slot) => slot with { LastUsedAt = null };

    private static Dictionary<string, Slot>.ValueCollection After(ImmutableArray<Slot> slots, SlotChange change)
    {
        Dictionary<string, Slot> after = slots.ToDictionary(static slot => slot.Selector, StringComparer.Ordinal);
        foreach (string selector in change.Remove)
        {
            after.Remove(selector);
        }

        foreach (Slot slot in change.Put)
        {
            after[slot.Selector] = slot;
        }

        return after.Values;
    }

    private static BackendCapabilities CapabilityOf(WebhookCapability capability) => capability switch
    {
        WebhookCapability.Protocols => BackendCapabilities.Protocols,
        WebhookCapability.SendRight => BackendCapabilities.SendRight,
        WebhookCapability.Networks => BackendCapabilities.Networks,
        WebhookCapability.Expiry => BackendCapabilities.Expiry,
        WebhookCapability.ChosenPassword => BackendCapabilities.ChosenPassword,
        _ => BackendCapabilities.LastUse,
    };

    private async Task<IReadOnlySet<string>> AskOfferAsync(WebhookClient client, CancellationToken cancellationToken) =>
        _offered = (await client.OfferAsync(cancellationToken)).Capabilities.ToHashSet(StringComparer.Ordinal);

    private void ThrowIfNotOffered(IReadOnlySet<string> offered, IEnumerable<WebhookCapability> needed)
    {
        string[] missing = [.. needed.Select(static one => one.ToString()).Where(one => !offered.Contains(one))];
        if (missing.Length > 0)
        {
            throw new MailBackendException(
                BackendFailure.Rejected,
                $"Webhook at {spec.Url}: it does not declare {string.Join(", ", missing)}, "
                + "which spec.webhook.capabilities names; "
                + "remove it there, or have the mail system implement and declare it.");
        }
    }
}
