using System.ComponentModel.DataAnnotations;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>
/// Settings of the role <c>operator</c>, from environment variables <c>MAIL_OPERATOR_…</c> named like the properties
/// (<c>MAIL_OPERATOR_LeaderElection__LeaseName</c>) or from the command line (<c>--Workers=16</c>).
/// </summary>
internal sealed class OperatorOptions
{
    /// <summary>The operator's own namespace: its lease and its digest key. Default: that of its ServiceAccount.</summary>
    public string? Namespace { get; set; }

    /// <summary>Names this cluster at a mail system that several share. Default: the UID of namespace kube-system.</summary>
    [RegularExpression(@"(?!\.+$)[A-Za-z0-9._-]{1,64}", ErrorMessage = "Instance must be 1 to 64 letters, digits, '.', '_' or '-', and not dots alone.")]
    public string? Instance { get; set; }

    /// <summary>Where /healthz, /readyz and /metrics are served.</summary>
    [Required]
    public string ListenUrl { get; set; } = "http://*:8080";

    /// <inheritdoc cref="ControllerOptions.Workers"/>
    [Range(1, 512)]
    public int Workers { get; set; } = 32;

    /// <inheritdoc cref="ControllerOptions.ReconcileTimeout"/>
    [Range(typeof(TimeSpan), "00:00:20", "00:10:00")]
    public TimeSpan ReconcileTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="ControllerOptions.ResyncInterval"/>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan ResyncInterval { get; set; } = TimeSpan.FromHours(10);

    /// <inheritdoc cref="MailDevices.MailDeviceOptions.UncommittedSlotGrace"/>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan UncommittedSlotGrace { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The portal's address, where people open the links of invitations; left out, nobody can be invited.</summary>
    public Uri? InvitationUrl { get; set; }

    [ValidateObjectMembers]
    public SmtpOptions Smtp { get; set; } = new();

    [ValidateObjectMembers]
    public LeaderElectionOptions LeaderElection { get; set; } = new();
}

/// <summary>Made by the compiler from the attributes above.</summary>
[OptionsValidator]
internal sealed partial class OperatorOptionsValidator : IValidateOptions<OperatorOptions>;

/// <summary>The relay through which links of invitations are mailed; without a host none are.</summary>
internal sealed class SmtpOptions
{
    public string? Host { get; set; }

    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    public ConnectionSecurity Security { get; set; } = ConnectionSecurity.STARTTLS;

    /// <summary>The sender's address.</summary>
    public string? From { get; set; }

    /// <summary>The sender's name for people; left out, there is none.</summary>
    public string? FromName { get; set; }

    /// <summary>Secret in the operator's own namespace with keys username and password; left out, nobody logs in.</summary>
    public string? CredentialsSecret { get; set; }

    /// <summary>Certificates in PEM, encoded as base64, that the relay's is verified with in place of the system's; left out, the system's.</summary>
    public byte[]? CaBundle { get; set; }

    public SmtpRelay? ToRelay() => string.IsNullOrEmpty(Host)
        ? null
        : new SmtpRelay(Host, Port, Security, From!, FromName, string.IsNullOrEmpty(CredentialsSecret) ? null : CredentialsSecret) { Authorities = Backends.CaBundle.Read(CaBundle) };
}

/// <summary>Whoever mails needs an address of their own, and a bundle must hold certificates.</summary>
internal sealed class SmtpShape : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options) => options.Smtp switch
    {
        { Host: null or "" } => ValidateOptionsResult.Success,
        { From: var from } when !MailboxAddress.IsValid(from ?? "") => ValidateOptionsResult.Fail(
            "Smtp:From must be the address that mail comes from, such as no-reply@example.com, where Smtp:Host is set."),
        { CaBundle: var bundle } when CaBundle.Problem(bundle) is { } problem => ValidateOptionsResult.Fail($"Smtp:CaBundle {problem}."),
        _ => ValidateOptionsResult.Success,
    };
}

/// <summary>A link is made of this address.</summary>
internal sealed class InvitationUrlShape : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options) => options.InvitationUrl is { } url
        && !(url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.Query.Length == 0 && url.Fragment.Length == 0)
            ? ValidateOptionsResult.Fail("InvitationUrl must be the portal's address such as https://invite.example.com, without a query.")
            : ValidateOptionsResult.Success;
}

/// <summary>What two settings must be to each other.</summary>
internal sealed class LeaderElectionOrder : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options)
    {
        LeaderElectionOptions election = options.LeaderElection;
        return election.RenewDeadline >= election.LeaseDuration
            ? ValidateOptionsResult.Fail("LeaderElection:RenewDeadline must be shorter than LeaderElection:LeaseDuration, or two operators could lead at once.")
            : election.RetryPeriod * 2 > election.RenewDeadline
                ? ValidateOptionsResult.Fail("LeaderElection:RetryPeriod must be at most half of LeaderElection:RenewDeadline, or one lost request ends the leader.")
                : ValidateOptionsResult.Success;
    }
}
