using System.ComponentModel.DataAnnotations;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>
/// Settings of the role <c>operator</c>, from environment variables <c>MAIL_OPERATOR_…</c> named like the properties
/// (<c>MAIL_OPERATOR_LeaderElection__LeaseName</c>) or from the command line (<c>--Workers=16</c>).
/// </summary>
internal sealed class OperatorOptions
{
    /// <summary>
    /// The operator's own namespace, with its lease and its digest key. Default: that of its ServiceAccount.
    /// </summary>
    public string? Namespace { get; set; }

    /// <summary>
    /// The name of this cluster at a mail system that several clusters share. Default: the UID of kube-system.
    /// </summary>
    [RegularExpression(
        @"(?!\.+$)[A-Za-z0-9._-]{1,64}",
        ErrorMessage = "Instance must be 1 to 64 letters, digits, '.', '_' or '-', and not dots alone.")]
    public string? Instance { get; set; }

    /// <summary>Where /healthz, /readyz and /metrics are served.</summary>
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

    /// <summary>
    /// The address of the portal, which the links of invitations lead to; null if nobody can be invited.
    /// </summary>
    public Uri? InvitationUrl { get; set; }

    [ValidateObjectMembers]
    public SmtpOptions Smtp { get; set; } = new();

    [ValidateObjectMembers]
    public LeaderElectionOptions LeaderElection { get; set; } = new();
}
