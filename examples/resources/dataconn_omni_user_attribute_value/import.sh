# <user>/<attribute>, where the user is an e-mail address or an id
terraform import dataconn_omni_user_attribute_value.ada ada@example.com/environment
