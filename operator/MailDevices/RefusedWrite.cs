using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;

namespace MailOperator.MailDevices;

/// <summary>What the API server refuses to write, as a failure that the status shows with the server's words.</summary>
internal static class RefusedWrite
{
    /// <summary>
    /// The failure; null if the write is only to be repeated, because somebody else wrote first or the server is busy.
    /// </summary>
    /// <param name="change">The change whose write was refused.</param>
    /// <param name="e">The answer.</param>
    public static MailBackendException? Of(Change change, ApiException e) =>
        e.IsConflict || change is Change.ConfirmTokens
            ? null
            : new MailBackendException(
                BackendFailure.WriteRefused,
                $"The API server refused to write {What(change)} ({(int)e.StatusCode}): {e.Message.TrimEnd('.')}. "
                + (change is Change.IssueCredential or Change.CommitClaimedHash
                    ? "Nothing was handed out. "
                    : "")
                + "Change the policy or quota that refuses it; it is retried automatically");

    private static string What(Change change) => change switch
    {
        Change.AddFinalizer or Change.RemoveFinalizer => "the finalizer of the MailDevice",
        Change.DeleteSecret delete => $"the deletion of Secret '{delete.Secret.Name}'",
        _ => "the Secret",
    };
}
