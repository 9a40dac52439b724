using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.MailServers;
using MailOperator.Passwords;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Spec;

/// <summary>
/// Turns a MailDevice and its MailBackend into a <see cref="DesiredCredential"/>, or says what is wrong. Repeats the
/// rules of the schema, because an old API server ignores them.
/// </summary>
internal static class MailDeviceResolver
{
    /// <summary>
    /// Characters of a device's name at a mail system: of its 255, our label beside the name takes up to 160.
    /// </summary>
    public const int MaxDeviceNameLength = 90;

    private static readonly ImmutableArray<MailProtocol> AllProtocols =
        [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP];

    /// <summary>The first of these that is served gives the Secret's <c>host</c> and <c>port</c>.</summary>
    private static readonly ImmutableArray<MailProtocol> Primacy =
        [MailProtocol.SMTP, MailProtocol.IMAP, MailProtocol.POP3];

    /// <param name="device">The device.</param>
    /// <param name="backend">Its MailBackend.</param>
    /// <param name="client">The servers that mail clients of this MailBackend use.</param>
    /// <param name="capabilities">What the backend can do.</param>
    /// <param name="desired">Null together with a problem.</param>
    /// <param name="problem">What is wrong.</param>
    public static bool TryResolve(
        MailDevice device,
        MailBackend backend,
        ClientSpec client,
        BackendCapabilities capabilities,
        [NotNullWhen(true)] out DesiredCredential? desired,
        [NotNullWhen(false)] out SpecProblem? problem)
    {
        desired = null;
        problem = DeviceRules.Problem(device)
            ?? BackendRules.Problem(backend, client, device)
            ?? Unsupported(device.Spec, capabilities)
            ?? Unserved(device, backend, client)
            ?? InvalidTimes(device, backend);
        if (problem is not null)
        {
            return false;
        }

        DesiredCredential resolved = Resolve(device, backend, client);
        resolved = resolved with
        {
            Lifetime = resolved.Lifetime with { EndsAtBackend = capabilities.HasFlag(BackendCapabilities.Expiry) },
            IsProbed = capabilities.HasFlag(BackendCapabilities.List),
        };
        resolved = capabilities.HasFlag(BackendCapabilities.Issued) ? MadeByBackend(device, resolved) : resolved;
        problem = SecretDataResolver.TooLong(resolved.Secret) is { } tooLong
            ? new SpecProblem(Reasons.InvalidSpec, tooLong)
            : null;
        desired = problem is null ? resolved : null;
        return problem is null;
    }

    private static SpecProblem? Unsupported(MailDeviceSpec spec, BackendCapabilities capabilities)
    {
        if (spec.Password?.ValueFrom is not null && !capabilities.HasFlag(BackendCapabilities.ChosenPassword))
        {
            return new SpecProblem(
                Reasons.Unsupported,
                "The backend takes no chosen passwords; leave spec.password.valueFrom out or use another backend");
        }

        if (spec.Password is not null && capabilities.HasFlag(BackendCapabilities.Issued))
        {
            return new SpecProblem(
                Reasons.Unsupported,
                "The backend makes the passwords itself, so spec.password cannot apply; "
                + "leave it out or use another backend");
        }

        string? field = spec.AllowedNetworks is { Length: > 0 } && !capabilities.HasFlag(BackendCapabilities.Networks)
                ? "allowedNetworks"
            : spec.Protocols is not null && !capabilities.HasFlag(BackendCapabilities.Protocols) ? "protocols"
            : null;
        return field is null
            ? null
            : new SpecProblem(
                Reasons.Unsupported, $"The backend cannot enforce spec.{field}; leave it out or use another backend");
    }

    private static SpecProblem? Unserved(MailDevice device, MailBackend backend, ClientSpec client) =>
        Endpoints(client, Protocols(device.Spec)).IsEmpty
            ? new SpecProblem(
                Reasons.Unsupported,
                $"MailBackend '{backend.Metadata.Name}' serves none of the protocols in spec.protocols "
                + $"({string.Join(", ", Protocols(device.Spec))})")
            : null;

    private static SpecProblem? InvalidTimes(MailDevice device, MailBackend backend)
    {
        TimeSpan overlap = Overlap(device, backend);
        string? message = overlap > RotationLimits.MaxOverlap
                ? $"the overlap of {Durations.Format(overlap)} is longer than "
                    + Durations.Format(RotationLimits.MaxOverlap)
            : Interval(device, backend) is not { } interval ? null
            : interval < RotationLimits.MinInterval
                ? $"the rotation interval of {Durations.Format(interval)} is shorter than "
                + $"{Durations.Format(RotationLimits.MinInterval)}"
            : overlap > interval ? $"the overlap of {Durations.Format(overlap)} is longer than the rotation interval "
                + $"of {Durations.Format(interval)}; set spec.rotation.overlap to less"
            : null;
        message ??= ExpiryResolver.Problem(device, backend);
        return message is null ? null : new SpecProblem(Reasons.InvalidSpec, message);
    }

    private static DesiredCredential Resolve(MailDevice device, MailBackend backend, ClientSpec client)
    {
        MailDeviceSpec spec = device.Spec;
        ImmutableArray<ClientEndpoint> endpoints = Endpoints(client, Protocols(spec));
        bool isClaimed = spec.Password?.InvitationRef is not null;
        return new DesiredCredential
        {
            BackendName = backend.Metadata.Name,
            Access = new DesiredAccess
            {
                Mailbox = MailboxAddress.Normalize(spec.Mailbox),
                Username = MailboxAddress.Username(spec.Mailbox),
                Restrictions = new SlotRestrictions
                {
                    DeviceName = device.Key.ToString(),
                    Protocols = Protocols(spec),
                    AllowedNetworks =
                        [.. (spec.AllowedNetworks ?? []).Select(Canonical).Distinct().Order(StringComparer.Ordinal)],
                    IsSuspended = spec.Suspended ?? false,
                },
            },
            Password = PasswordOf(spec),
            WorkFactor = backend.Spec.Hashing?.WorkFactor ?? PasswordHasher.DefaultWorkFactor,
            Lifetime = new DesiredLifetime
            {
                Overlap = Overlap(device, backend),
                Interval = Interval(device, backend),
                Window = Window(device, backend),
                ExpiresAt = ExpiryResolver.ExpiresAt(device, backend),
            },
            Secret = new DesiredSecret
            {
                Name = SecretName(device),
                Type = spec.Secret?.Type ?? (isClaimed ? "Opaque" : $"servicebinding.io/{endpoints[0].KeyName}"),
                Labels = (spec.Secret?.Labels ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal),
                Annotations = (spec.Secret?.Annotations ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal),
                Data = SecretDataResolver.Templates(spec.Secret?.Data),
                Provider = backend.Metadata.Name,
                Username = MailboxAddress.Username(spec.Mailbox),
                Endpoints = endpoints,
                KeepsHash = isClaimed,
            },
            RestartTargets = [.. (spec.RolloutRestartTargets ?? [])
                .Select(static target => new RolloutTarget(target.Kind, target.Name))
                .Distinct()],
        };
    }

    private static DesiredPassword PasswordOf(MailDeviceSpec spec) =>
        spec.Password?.InvitationRef is not null ? new DesiredPassword.Claimed(spec.UserRef?.Name)
            : spec.Password?.ValueFrom?.SecretKeyRef is { } source ? new DesiredPassword.Chosen(source)
            : new DesiredPassword.Generated(
                spec.Password?.Length ?? PasswordGenerator.DefaultLength,
                spec.Password?.Alphabet ?? PasswordAlphabet.Alphanumeric);

    // Such a backend shows the name to people, and has no login log in which we look for the key of the device.
    private static DesiredCredential MadeByBackend(MailDevice device, DesiredCredential desired) => desired with
    {
        Access = desired.Access with
        {
            Restrictions = desired.Access.Restrictions with
            {
                DeviceName = ShownName(device.Spec.DisplayName ?? device.Metadata.Name),
            },
        },
        Password = new DesiredPassword.MadeByBackend(
            new DeviceDescription(device.Spec.DeviceType ?? DeviceType.Other, User: null, UserId: null)),
    };

    // Without broken surrogates and outer blanks, which a mail system does not give back: every pass would rename it.
    private static string ShownName(string name)
    {
        string text = string.Concat(name.EnumerateRunes()).Trim();
        return text.Length <= MaxDeviceNameLength ? text
            : text[..(char.IsHighSurrogate(text[MaxDeviceNameLength - 1])
                ? MaxDeviceNameLength - 1
                : MaxDeviceNameLength)].TrimEnd();
    }

    public static string SecretName(MailDevice device) => device.Spec.Secret?.Name ?? device.Metadata.Name;

    private static ImmutableArray<MailProtocol> Protocols(MailDeviceSpec spec) =>
        spec.Protocols is null ? AllProtocols : [.. spec.Protocols.Distinct().Order()];

    private static ImmutableArray<ClientEndpoint> Endpoints(ClientSpec client, ImmutableArray<MailProtocol> protocols)
    {
        EndpointSpec? Served(MailProtocol protocol) => protocol switch
        {
            MailProtocol.IMAP => client.Imap,
            MailProtocol.POP3 => client.Pop3,
            _ => client.Smtp,
        };

        return [.. Primacy
            .Where(protocols.Contains)
            .Select(protocol => (Protocol: protocol, Served: Served(protocol)))
            .Where(static endpoint => endpoint.Served is not null)
            .Select(endpoint => new ClientEndpoint(
                endpoint.Protocol, endpoint.Served!.Host, endpoint.Served.Port,
                endpoint.Served.Security ?? ConnectionSecurity.TLS)
            {
                CaBundle = client.CaBundle is { } bundle ? Convert.ToBase64String(bundle) : null,
            })];
    }

    private static TimeSpan Overlap(MailDevice device, MailBackend backend) =>
        Duration(device.Spec.Rotation?.Overlap) ?? Duration(backend.Spec.Rotation?.Overlap)
        ?? RotationLimits.DefaultOverlap;

    private static TimeSpan? Interval(MailDevice device, MailBackend backend) =>
        device.Spec.Password is { ValueFrom: not null } or { InvitationRef: not null }
            ? null // the operator cannot make another of these, so the MailBackend's default does not apply
            : Duration(device.Spec.Rotation?.Interval) ?? Duration(backend.Spec.Rotation?.Interval);

    private static RotationWindow? Window(MailDevice device, MailBackend backend) =>
        (device.Spec.Rotation?.Window ?? backend.Spec.Rotation?.Window) is { } spec
        && RotationWindow.TryParse(spec, out RotationWindow? window, out _)
            ? window
            : null;

    private static TimeSpan? Duration(string? text) => text is null ? null : Durations.Parse(text);

    private static string Canonical(string network) =>
        Network.TryParse(network, out IPNetwork parsed) ? parsed.ToString() : network;
}
